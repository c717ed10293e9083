import { type Clock, describeError, FlotillaError } from '@flotilla/shared/base';
import type { IgnoreRule, Render } from '@flotilla/shared/model';
import type { KindTable } from '../../core/index.ts';
import type { FetchedContent, HelmPort, KustomizePort } from '../../ports.ts';

/** What renders, and what is asked while it does. */
export interface RenderTools {
  readonly clock: Clock;
  readonly kustomize: KustomizePort;
  readonly helm: HelmPort;
  /** What the cluster is; asked for charts only. Rejects with KubeError. */
  readonly capabilities: (signal: AbortSignal) => Promise<Capabilities>;
}

/** What charts ask about a cluster. */
export interface Capabilities {
  /** `v1.36.3`. */
  readonly kubeVersion: string;
  readonly kinds: KindTable;
}

/** What is rendered, and for whom. */
export interface RenderSubject {
  readonly fetched: FetchedContent;
  readonly render: Render;
  readonly ignore: readonly IgnoreRule[];
  readonly placement: string;
  readonly clusterName: string;
}

/** What a renderer says about the files; throws again what is no mistake of theirs: a child that could not be started is ours. */
export function authorsMistake(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (!(error instanceof FlotillaError) || error.retry !== 'never') throw error;
  return describeError(error);
}
