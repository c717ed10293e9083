import type { ClusterName, ClusterUid } from '../base/index.ts';

/** A registered cluster as rules see it. Labels come from people or Git only; an agent never sets them. */
export interface Cluster {
  readonly uid: ClusterUid;
  readonly name: ClusterName;
  readonly labels: { readonly [key: string]: string };
  readonly taints: readonly Taint[];
  /** A person keeps new rollouts away from it. */
  readonly isCordoned: boolean;
  /** Wall clock of registration, milliseconds. */
  readonly registeredAtMs: number;
}

/** Keeps placements without a matching `tolerate` entry away. */
export interface Taint {
  readonly key: string;
  readonly value: string;
}

/** Where a cluster's agent stands, by its stream. */
export type Presence = 'connected' | 'suspect' | 'disconnected' | 'lost' | 'never';
