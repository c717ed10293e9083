import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { Cluster, Reasoned } from '@flotilla/shared/model';
import type { LocatedError, PlacementSpec } from '../fleet-spec/index.ts';

/** Which placements go to which clusters, and every "no" with its reason. Sorted by name; equal for any order of input. */
export interface ResolvedPlacements {
  /** Clusters as rules see them: Cluster documents applied. Sorted by name. */
  readonly clusters: readonly Cluster[];
  readonly placements: readonly ResolvedPlacement[];
  /** Cluster documents that name no registered cluster, and the like; harmless. */
  readonly warnings: readonly LocatedError[];
}

/** One placement and its clusters. */
export interface ResolvedPlacement {
  readonly spec: PlacementSpec;
  /** Sorted by name. */
  readonly matched: readonly Cluster[];
  /** Not empty: the placement cannot be resolved; its last state stays in force. */
  readonly errors: readonly LocatedError[];
}

/** Why one cluster is not matched by a placement: one entry for each term that excludes it. */
export interface Exclusion {
  readonly placement: PlacementName;
  readonly cluster: ClusterUid;
  readonly reasons: readonly Reasoned[];
}
