import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { type Cluster, compareVersions, type Reasoned } from '@flotilla/shared/model';
import type { DesiredPlacement } from '../rollout/index.ts';
import { isFresh } from './fold-view.ts';
import type { FleetSnapshot, KnownCluster } from './snapshot.ts';

/** Whose objects others are to take over, by which look at Git. */
export interface Leaving {
  readonly placement: PlacementName;
  readonly heirs: readonly PlacementName[];
  readonly adoptedSeq: number;
}

/**
 * Why a placement's objects may not go from a cluster yet: an heir that is meant for it has not said, freshly and of exactly a
 * row that names the take-over, that all of it is applied. Undefined = nothing stands in the way. That an heir is not meant for
 * the cluster counts only by a look at Git that is no older than the one that takes the placement away.
 */
export function handOverOf(
  fleet: Pick<FleetSnapshot, 'placements'>,
  { cluster, view }: KnownCluster,
  { adoptedSeq, heirs, placement }: Leaving,
): Reasoned | undefined {
  for (const name of heirs) {
    const heir = fleet.placements.get(name);
    const row = heir?.state.rows.get(cluster.uid);
    if (
      heir !== undefined &&
      row?.target.kind !== 'variant' &&
      isElsewhere(heir.desired, cluster.uid, adoptedSeq)
    )
      continue;
    const wait = (why: string) => takeOverWait(cluster, name, why);
    if (row?.target.kind !== 'variant' || row.target.variant.apply.takeOverFrom !== placement)
      return wait('it has not come there yet');
    const report = view.byPlacement.get(name);
    if (!isFresh(view) || report === undefined || compareVersions(report.version, row.version) !== 0)
      return wait('nothing is known of it there');
    if (report.appliedVariantDigest !== row.target.variant.digest) return wait(`it is ${report.state} there`);
  }
  return undefined;
}

/** Why objects stay where an heir has not got them. */
export function takeOverWait({ name }: Pick<Cluster, 'name'>, heir: PlacementName, why: string): Reasoned {
  const text = `its objects stay on ${name} until ${heir} has taken them over: ${why}`;
  return { code: 'WaitsForTakeOver', text, subject: heir };
}

/** Whether something is known not to be meant for a cluster, by a look at Git that is no older than this adoption. */
export function isElsewhere(desired: DesiredPlacement, uid: ClusterUid, adoptedSeq: number): boolean {
  if (desired.kind === 'unresolved' || desired.adoptedSeq < adoptedSeq) return false;
  return desired.kind === 'absent' || !(desired.targets.has(uid) || desired.blocked.has(uid));
}
