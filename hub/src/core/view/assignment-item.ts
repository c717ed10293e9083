import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { AssignmentReport } from '@flotilla/shared/model';
import { compareVersions, formatVersion, noCounts, noDrift, noTimings } from '@flotilla/shared/model';
import type { PlacementRow } from '../rollout/index.ts';
import type { ClusterView } from './cluster-view.ts';
import { isFresh } from './fold-view.ts';
import { type AssignmentItem, apiVersion, type Freshness } from './items.ts';
import { shownState } from './shown-state.ts';
import type { FleetSnapshot, KnownCluster, KnownPlacement } from './snapshot.ts';

/** One placement on one cluster; undefined when it neither is wanted there nor has a row. */
export function assignmentItem(
  fleet: FleetSnapshot,
  cluster: ClusterUid,
  placement: PlacementName,
): AssignmentItem | undefined {
  const known = fleet.placements.get(placement);
  const where = fleet.clusters.get(cluster);
  return known && where && itemOf(known, where);
}

/** All assignments, by placement or cluster where one is given; sorted by cluster, then placement. */
export function assignmentItems(
  fleet: FleetSnapshot,
  of: { readonly cluster?: ClusterUid; readonly placement?: PlacementName },
): readonly AssignmentItem[] {
  const only = of.placement === undefined ? undefined : fleet.placements.get(of.placement);
  if (of.placement !== undefined && only === undefined) return [];
  const placements = only ? [only] : [...fleet.placements.values()];
  const cluster = of.cluster === undefined ? undefined : fleet.clusters.get(of.cluster);
  if (of.cluster !== undefined && cluster === undefined) return [];
  const items: AssignmentItem[] = [];
  for (const placement of placements) {
    const clusters = cluster ? [cluster] : fleet.clusters.values();
    for (const where of clusters) {
      const item = itemOf(placement, where);
      if (item) items.push(item);
    }
  }
  return items.sort(byName);
}

/** When a cluster's state was last known to be true. */
export function freshnessOf(view: ClusterView): Freshness {
  return { isFresh: isFresh(view), asOfMs: view.report === undefined ? undefined : view.reportStoredAtMs };
}

function itemOf(placement: KnownPlacement, where: KnownCluster): AssignmentItem | undefined {
  const shown = shownState(placement, where);
  if (!shown) return undefined;
  const { cluster, view } = where;
  const name = placement.state.placement;
  const row = placement.state.rows.get(cluster.uid);
  const entry = currentEntry(view.byPlacement.get(name), row);
  return {
    apiVersion,
    kind: 'Assignment',
    metadata: { name: `${cluster.name}/${name}`, labels: cluster.labels },
    spec: { cluster: cluster.name, clusterUid: cluster.uid, placement: name, ...rowSpec(row) },
    status: {
      state: shown.state,
      reason: shown.reason,
      freshness: freshnessOf(view),
      healthyForMs: entry?.healthyForMs ?? 0,
      appliedCommit: entry?.appliedCommit,
      objects: entry?.counts ?? noCounts,
      failing: entry?.failing ?? [],
      drift: entry?.drift ?? noDrift,
      timings: entry?.timings ?? noTimings,
      heldPrune: entry?.heldPrune,
      contested: view.contested?.get(name),
    },
  };
}

/** The agent's entry, unless it speaks of an older row than the one that stands. */
function currentEntry(
  entry: AssignmentReport | undefined,
  row: PlacementRow | undefined,
): AssignmentReport | undefined {
  if (!entry || !row) return undefined;
  return compareVersions(entry.version, row.version) < 0 ? undefined : entry;
}

function rowSpec(
  row: PlacementRow | undefined,
): Omit<AssignmentItem['spec'], 'cluster' | 'clusterUid' | 'placement'> {
  const variant = row?.target.kind === 'variant' ? row.target.variant : undefined;
  return {
    version: row === undefined ? '' : formatVersion(row.version),
    isRemoval: row?.target.kind === 'removal',
    variantDigest: variant?.digest,
    commit: variant?.content.commit,
    cause: row?.cause,
    rollout: row?.rollout,
  };
}

function byName(left: AssignmentItem, right: AssignmentItem): number {
  const [a, b] = [left.metadata.name, right.metadata.name];
  return a < b ? -1 : Number(a > b);
}
