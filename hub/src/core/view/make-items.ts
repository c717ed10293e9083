import type { ClusterUid, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { AssignmentItem, ClusterItem, PlacementItem, RolloutItem } from './items.ts';
import type { FleetSnapshot } from './snapshot.ts';

/** One cluster; undefined when it is not registered. */
export function clusterItem(_fleet: FleetSnapshot, _cluster: ClusterUid): ClusterItem | undefined {
  throw new Error('being built');
}

/** One placement; undefined when it is neither in force nor has rows. */
export function placementItem(_fleet: FleetSnapshot, _placement: PlacementName): PlacementItem | undefined {
  throw new Error('being built');
}

/** One placement on one cluster; undefined when it neither is wanted there nor has a row. */
export function assignmentItem(
  _fleet: FleetSnapshot,
  _cluster: ClusterUid,
  _placement: PlacementName,
): AssignmentItem | undefined {
  throw new Error('being built');
}

/** All rollouts of a placement, those that run first, then ended ones, newest first. */
export function rolloutItems(_fleet: FleetSnapshot, _placement: PlacementName): readonly RolloutItem[] {
  throw new Error('being built');
}

/** One rollout; undefined when it is unknown or forgotten. */
export function rolloutItem(_fleet: FleetSnapshot, _rollout: RolloutId): RolloutItem | undefined {
  throw new Error('being built');
}

/** All assignments, by placement or cluster where one is given; sorted by cluster, then placement. */
export function assignmentItems(
  _fleet: FleetSnapshot,
  _of: { readonly cluster?: ClusterUid; readonly placement?: PlacementName },
): readonly AssignmentItem[] {
  throw new Error('being built');
}
