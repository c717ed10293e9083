import type { ClusterName, ClusterUid } from '../base/index.ts';
import type { Facts } from './report.ts';

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
  /** What its agent says of it, for expressions in selectors; never labels. Absent = it never said anything, or no rule asks. */
  readonly facts?: ClusterFacts | undefined;
}

/** Facts of a cluster as rules see them. */
export interface ClusterFacts {
  readonly values: Pick<Facts, 'agent' | 'isSimulated' | 'kubernetes' | 'more' | 'nodes'>;
  /** Said on the stream that is open now; else they are what was known last. */
  readonly isFresh: boolean;
}

/** Keeps placements without a matching `tolerate` entry away. */
export interface Taint {
  readonly key: string;
  readonly value: string;
}

/** Where a cluster's agent stands, by its stream. */
export type Presence = 'connected' | 'suspect' | 'disconnected' | 'lost' | 'never';
