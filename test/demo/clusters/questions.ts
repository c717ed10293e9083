import type { ObjectRef } from '@flotilla/shared/model';

/** What the demo asks the process of its simulated clusters, over the child's IPC channel. */
export type ClusterQuestion =
  | { readonly do: 'start'; readonly clusters: readonly JoiningCluster[] }
  | { readonly do: 'writes'; readonly namespace?: string }
  | { readonly do: 'mark' }
  | { readonly do: 'edit'; readonly cluster: string; readonly ref: ObjectRef; readonly patch: object }
  | { readonly do: 'get'; readonly cluster: string; readonly ref: ObjectRef }
  | { readonly do: 'offline'; readonly cluster: string }
  | { readonly do: 'online'; readonly cluster: string };

/** A cluster and the line it joins with. */
export interface JoiningCluster {
  readonly name: string;
  /** Undefined = its agent has joined in an earlier run. */
  readonly joinLine: string | undefined;
}

/** Writes of one cluster's agent. */
export interface ClusterWrites {
  readonly cluster: string;
  /** Lease renewals apart. */
  readonly writes: number;
}
