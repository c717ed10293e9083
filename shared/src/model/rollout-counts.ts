/** Clusters of a rollout by phase. */
export interface RolloutCounts {
  readonly targets: number;
  readonly waiting: number;
  readonly issued: number;
  readonly ready: number;
  readonly deferred: number;
  readonly failed: number;
}
