import type { ClusterUid, PlacementName, RolloutId } from '../base/index.ts';

/**
 * On `flotilla.decisions.budget`: which clusters are changing, over all placements (rollout design, R17). Stored in one
 * atomic batch with the decision that gives these clusters their rows, so that a crash neither leaks nor double-counts.
 */
export interface BudgetDecision {
  readonly kind: 'budget-changed';
  /** Clusters that begin to change, and for whom. */
  readonly takes: BudgetShare;
  /** Clusters that have ended changing for these rollouts, be it well or not. */
  readonly frees: readonly BudgetShare[];
  /** The cap that was kept, in clusters, when this was decided; for audits. */
  readonly max: number;
  /** The cap on rollouts that change one cluster at once. */
  readonly perClusterMax: number;
}

/** Clusters that change for one rollout. */
export interface BudgetShare {
  readonly placement: PlacementName;
  readonly rollout: RolloutId;
  readonly clusters: readonly ClusterUid[];
}
