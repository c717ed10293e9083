import type { CredentialPlace } from './credential-url.ts';
import type { ProxySettings } from './proxy.ts';

/** How a request proves who it is, and the only server it does so to. Never logged, never part of a message. */
export type GitCredential = CredentialPlace & GitSecret;

/** What a server is shown. */
export type GitSecret =
  /** A token as hosted Git services give it: sent as the password of basic authentication, which all of them accept. */
  | {
      readonly kind: 'token';
      readonly token: string;
      /** User name beside the token; default `x-access-token`. Bitbucket wants `x-token-auth`, GitLab deploy tokens their name. */
      readonly username?: string;
    }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** Sent as `Authorization: Bearer`, for servers that want it so. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** Never sent: it signs a login at a server whose host key is in `knownHosts`, the text of a known_hosts file. */
  | { readonly kind: 'ssh'; readonly privateKey: string; readonly knownHosts: string };

/** Deadlines of one request, in milliseconds. */
export interface GitTimeouts {
  /** From the request until the last byte of the answer. Default 300 000. */
  readonly totalMs: number;
  /** Longest silence: connecting, waiting for the first byte, between bytes. Default 30 000. */
  readonly idleMs: number;
}

/** Bounds of one fetch; defaults come from `limits`. */
export interface FetchLimits {
  readonly packBytesMax: number;
  readonly inflatedBytesMax: number;
  readonly packObjectsMax: number;
  /** Blobs above this are noted as too large, not kept; commits and trees above it are an error. */
  readonly objectBytesMax: number;
  readonly refsMax: number;
}

/** One repository on one server. */
export interface RemoteSettings {
  /** `https://host[:port]/path`, `ssh://[user@]host[:port]/path` or `user@host:path`; plain http only to hosts of `allowPlainHttpHosts`. */
  readonly url: string;
  readonly credential?: GitCredential;
  /** PEM certificates trusted beside the system's own. */
  readonly caPem?: string;
  /** Host names or addresses (`127.0.0.1`, `localhost`, `::1`) to which plain http and loopback connections are allowed. */
  readonly allowPlainHttpHosts?: readonly string[];
  /** Address ranges never connected to, as `10.96.0.0/12`: cluster ranges. Link-local and metadata are denied always. */
  readonly deniedRanges?: readonly string[];
  /** For https; absent: none. Through it names are resolved by the proxy, so `deniedRanges` count for what stands in the url. */
  readonly proxy?: ProxySettings;
  readonly timeouts?: Partial<GitTimeouts>;
  readonly limits?: Partial<FetchLimits>;
  /** Folder for packs above a few megabytes and for the depth-1 rung; default: the system's temporary folder. */
  readonly scratchFolder?: string;
}
