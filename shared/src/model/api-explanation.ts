import type { ClusterName, Digest, PlacementName, RolloutId } from '../base/index.ts';
import type { Freshness } from './api-items.ts';
import type { CommitInfo } from './assignment.ts';
import type { Reasoned, ShownState } from './state.ts';

/** Why a placement is, or is not, on a cluster as it is: `flotilla why` and `flotilla why-not`. */
export interface Explanation {
  readonly cluster: ClusterName;
  readonly placement: PlacementName;
  /** Where the rule stands, `FILE:LINE`; undefined when no file in force has it. */
  readonly definedAt: string | undefined;
  /** Whether the rule takes the cluster; undefined = this hub process has not looked yet. */
  readonly isSelected: boolean | undefined;
  /** One for each term of the rule that says no; empty when it takes the cluster. */
  readonly exclusions: readonly ExcludingTerm[];
  /** What Git asks for there now; undefined when nothing, or nobody can say. */
  readonly wanted: ExplainedVariant | undefined;
  /** What the cluster was told last; undefined = nothing yet. */
  readonly has: ExplainedRow | undefined;
  /** Undefined when nothing is wanted or left there. */
  readonly state: ShownState | undefined;
  readonly freshness: Freshness;
  /** The one reason why it is not Ready at what is wanted; undefined when it is. */
  readonly reason: Reasoned | undefined;
  /** The command to go on with. */
  readonly next: string;
}

/** One term of a rule that keeps a placement away from a cluster; its `subject` is the cluster. */
export interface ExcludingTerm extends Reasoned {
  /** What would have to be different for this term to take the cluster; absent = the term does not say. */
  readonly change?: string | undefined;
}

/** A release as one cluster gets it. */
export interface ExplainedVariant {
  readonly commit: CommitInfo;
  readonly variantDigest: Digest;
}

/** The newest row of a cluster. */
export interface ExplainedRow {
  /** `epoch.seq`. */
  readonly version: string;
  readonly rollout: RolloutId;
  readonly isRemoval: boolean;
  readonly issuedAtMs: number;
  /** Undefined for a removal. */
  readonly commit: CommitInfo | undefined;
  readonly variantDigest: Digest | undefined;
}
