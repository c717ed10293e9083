import { limits } from '@flotilla/shared/base';

/** Where the bearer token comes from. A file is read again when it changes and after a 401. */
export type TokenSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly token: string }
  | { readonly kind: 'file'; readonly path: string };

/** Everything needed to talk to one API server. */
export interface KubeConfig {
  /** `https://host:port`, optionally with a path below which the API is served. */
  readonly serverUrl: string;
  /** PEM bundle that the server's certificate must chain to; undefined = the system's roots. */
  readonly caPem: string | undefined;
  /** Name that the server's certificate must carry when it is not the URL's host. */
  readonly tlsServerName: string | undefined;
  /** Accepts any certificate; only a kubeconfig that says so sets it. */
  readonly isInsecure: boolean;
  readonly clientCertPem: string | undefined;
  readonly clientKeyPem: string | undefined;
  readonly token: TokenSource;
  readonly timing: KubeTiming;
  readonly userAgent: string;
  /** Objects asked for in one page of a list. */
  readonly pageItems: number;
}

/** Deadlines of the adapter, in milliseconds. */
export interface KubeTiming {
  /** One request and its whole answer, watches apart. */
  readonly requestMs: number;
  /** How long one watch is asked to last; ± 20 % so that watches do not end together. */
  readonly watchMs: number;
  /** A watch that was silent for so long counts as dead: bookmarks come about every minute on a server that is used. */
  readonly watchIdleMs: number;
}

/** The defaults: reads and writes 30 s, watches 10 min, silence 150 s. */
export const defaultKubeTiming: KubeTiming = { requestMs: 30_000, watchMs: 600_000, watchIdleMs: 150_000 };

/** Why a configuration for the API server could not be made; the message says where and what to do. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/** What the loaders fill; the rest has defaults. */
export type KubeConfigInput = Partial<KubeConfig> & Pick<KubeConfig, 'serverUrl'>;

/** Fills in the defaults of a configuration. */
export function completeKubeConfig(input: KubeConfigInput): KubeConfig {
  return {
    caPem: undefined,
    tlsServerName: undefined,
    isInsecure: false,
    clientCertPem: undefined,
    clientKeyPem: undefined,
    token: { kind: 'none' },
    timing: defaultKubeTiming,
    userAgent: 'flotilla-agent',
    pageItems: limits.kubePageItemsMax,
    ...input,
  };
}
