import type { ClusterUid } from '@flotilla/shared/base';
import type { ClusterEvidence, DesiredPlacement, RolloutEvidence } from './evidence.ts';
import type { PlacementRow, RolloutState } from './state.ts';

/** A resolved placement. */
export type DesiredRelease = Extract<DesiredPlacement, { readonly kind: 'release' }>;

/** A cluster that should get another row than it has. */
export interface Differing {
  readonly one: ClusterEvidence;
  /** Its row; undefined = never had one. */
  readonly row: PlacementRow | undefined;
  /** Runs nothing of the placement now: never had it, or it is being taken away. */
  readonly isJoiner: boolean;
}

/**
 * Registered clusters whose row is not what is wanted there, in order of uid; without those that a person left out of
 * this release.
 */
export function differing(
  state: RolloutState,
  desired: DesiredRelease,
  evidence: RolloutEvidence,
): readonly Differing[] {
  const found: Differing[] = [];
  for (const [uid, digest] of desired.targets) {
    if (state.skipped.get(uid) === desired.release.digest) continue;
    const row = state.rows.get(uid);
    if (row?.target.kind === 'variant' && row.target.variant.digest === digest) continue;
    const one = evidence.clusterOf(uid);
    if (one !== undefined) found.push({ one, row, isJoiner: row?.target.kind !== 'variant' });
  }
  return found.sort((left, right) => (left.one.cluster.uid < right.one.cluster.uid ? -1 : 1));
}

/** Whether what is asked for includes a cluster, be it that its variant cannot be made. */
export function isWanted(desired: DesiredPlacement, uid: ClusterUid): boolean {
  return desired.kind === 'release' && (desired.targets.has(uid) || desired.blocked.has(uid));
}

/** Clusters that run the placement but are positively not wanted any more, sorted. Never: clusters that are not registered. */
export function leavers(state: RolloutState, evidence: RolloutEvidence): readonly ClusterUid[] {
  const { desired } = evidence;
  if (desired.kind === 'unresolved') return [];
  const found: ClusterUid[] = [];
  for (const [uid, row] of state.rows) {
    if (row.target.kind === 'variant' && !isWanted(desired, uid) && evidence.clusterOf(uid) !== undefined)
      found.push(uid);
  }
  return found.sort();
}
