import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { RolloutState } from '../core/index.ts';

/**
 * Which placements have a row on a cluster. Derived from their states: made when it is first asked for, then kept in step, so
 * that a decision about one placement costs a cluster its own placements and not those of the whole fleet.
 */
export class RowIndex {
  #placements: Map<ClusterUid, Set<PlacementName>> | undefined;

  /** Placements with a row on a cluster, in no order. `states` = all there are. */
  on(cluster: ClusterUid, states: () => Iterable<RolloutState>): ReadonlySet<PlacementName> {
    this.#placements ??= indexOf(states());
    return this.#placements.get(cluster) ?? nowhere;
  }

  /** Rows of these clusters came, changed or went. */
  changed({ placement, rows }: RolloutState, clusters: Iterable<ClusterUid>): void {
    if (this.#placements === undefined) return;
    for (const cluster of clusters) {
      if (rows.has(cluster)) add(this.#placements, cluster, placement);
      else this.#placements.get(cluster)?.delete(placement);
    }
  }

  /** States changed and nobody can say where: it is made anew. */
  forget(): void {
    this.#placements = undefined;
  }
}

function indexOf(states: Iterable<RolloutState>): Map<ClusterUid, Set<PlacementName>> {
  const index = new Map<ClusterUid, Set<PlacementName>>();
  for (const { placement, rows } of states) for (const cluster of rows.keys()) add(index, cluster, placement);
  return index;
}

function add(
  index: Map<ClusterUid, Set<PlacementName>>,
  cluster: ClusterUid,
  placement: PlacementName,
): void {
  const placements = index.get(cluster);
  if (placements === undefined) index.set(cluster, new Set([placement]));
  else placements.add(placement);
}

const nowhere: ReadonlySet<PlacementName> = new Set();
