import type { ObjectRef } from '@flotilla/shared/model';

/** What the demo asks its clusters, over the child's IPC channel. */
export type ClusterQuestion =
  /** Starts the agents of these clusters; each joins by its line unless it has an identity. */
  | { readonly do: 'start'; readonly clusters: readonly JoiningCluster[] }
  /** Writes by agents since the mark that `mark` set, by cluster. */
  | { readonly do: 'writes'; readonly namespace?: string }
  | { readonly do: 'mark' }
  /** A hand edit: a merge patch by another field manager. */
  | {
      readonly do: 'edit';
      readonly cluster: string;
      readonly ref: ObjectRef;
      readonly patch: { readonly [field: string]: unknown };
      readonly manager: string;
    }
  | { readonly do: 'get'; readonly cluster: string; readonly ref: ObjectRef }
  | { readonly do: 'offline'; readonly cluster: string }
  | { readonly do: 'online'; readonly cluster: string };

/** A cluster and the line it joins with. */
export interface JoiningCluster {
  readonly name: string;
  readonly joinLine: string;
}

/** Writes of one cluster's agent. */
export interface ClusterWrites {
  readonly cluster: string;
  /** Lease renewals apart. */
  readonly writes: number;
}
