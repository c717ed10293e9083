import type { Cluster } from '@flotilla/shared/model';
import type { FleetSpec, PlacementSpec } from '../fleet-spec/index.ts';
import type { Exclusion, ResolvedPlacements } from './resolved.ts';

/** Which placements go where. Pure, and equal for any order of `clusters`. */
export function resolvePlacements(_spec: FleetSpec, _clusters: Iterable<Cluster>): ResolvedPlacements {
  throw new Error('being built');
}

/** Why a placement does not go to a cluster: one reason for each selector term that says no; undefined = it does. */
export function excludedBy(
  _spec: FleetSpec,
  _placement: PlacementSpec,
  _cluster: Cluster,
): Exclusion | undefined {
  throw new Error('being built');
}
