import { type ClusterUid, type PlacementName, sha256Hex } from '@flotilla/shared/base';
import { compareVersions } from '@flotilla/shared/model';
import type { ClusterEvidence } from './evidence.ts';
import type { WaveTarget } from './plan-waves.ts';
import { isExpected } from './presence.ts';
import type { RolloutState } from './state.ts';

/** Targets in the order of the plan, and those that were failing before it. */
export interface OrderedTargets {
  readonly targets: readonly WaveTarget[];
  readonly unwell: readonly ClusterUid[];
}

interface Ranked {
  readonly uid: ClusterUid;
  readonly target: WaveTarget;
  readonly isUnwell: boolean;
  /** Its stream is not sound right now, though it may be back any moment. */
  readonly isQuiet: boolean;
  /** Runs something that never became stable: it is changed first, there is least to lose. */
  readonly isAbandoned: boolean;
  readonly hash: string;
}

/**
 * Orders the targets of an update: reachable before away, well before unwell (repair lane, R18), heard before quiet, those on an abandoned
 * release before others, then by rendezvous hash, so that adding a cluster reorders no other.
 */
export function orderTargets(
  state: RolloutState,
  targets: readonly ClusterEvidence[],
  offlineAfterMs: number,
  nowMs: number,
): OrderedTargets {
  const ranked = targets
    .map((one) => rank(state, one, !isExpected(one, offlineAfterMs, nowMs) || one.waitsFor !== undefined))
    .sort(
      (left, right) =>
        order(left.target.isAway, right.target.isAway) ||
        order(left.isUnwell, right.isUnwell) ||
        order(left.isQuiet, right.isQuiet) ||
        order(right.isAbandoned, left.isAbandoned) ||
        (left.hash < right.hash ? -1 : 1),
    );
  return {
    targets: ranked.map((one) => one.target),
    unwell: ranked.filter((one) => one.isUnwell).map((one) => one.uid),
  };
}

/** Orders the targets of a rollback: failed ones first, then the newest change first (R9). */
export function orderRollback(
  state: RolloutState,
  targets: readonly ClusterEvidence[],
  offlineAfterMs: number,
  nowMs: number,
): readonly WaveTarget[] {
  return targets
    .map((one) => {
      const row = state.rows.get(one.cluster.uid);
      const hasFailed = state.active?.clusters.get(one.cluster.uid)?.phase.kind === 'failed';
      return { ...rank(state, one, !isExpected(one, offlineAfterMs, nowMs)), row, hasFailed };
    })
    .sort(
      (left, right) =>
        order(right.hasFailed, left.hasFailed) ||
        (left.row && right.row ? compareVersions(right.row.version, left.row.version) : 0) ||
        (left.hash < right.hash ? -1 : 1),
    )
    .map((one) => one.target);
}

function rank(state: RolloutState, one: ClusterEvidence, isAway: boolean): Ranked {
  const { uid } = one.cluster;
  const row = state.rows.get(uid);
  const release = row?.target.kind === 'variant' ? row.target.releaseDigest : undefined;
  return {
    uid,
    target: { cluster: one.cluster, isAway },
    isUnwell: isUnwell(state, one),
    isQuiet: one.presence !== 'connected',
    isAbandoned: release !== undefined && release !== state.stable?.digest,
    hash: rendezvous(state.placement, uid),
  };
}

/** Was failing before the rollout began: by the rollout that it supersedes, or by its own fresh word. */
function isUnwell(state: RolloutState, one: ClusterEvidence): boolean {
  if (state.active?.clusters.get(one.cluster.uid)?.phase.kind === 'failed') return true;
  const row = state.rows.get(one.cluster.uid);
  if (!one.isFresh || one.report === undefined || row?.target.kind !== 'variant') return false;
  return (
    compareVersions(one.report.version, row.version) === 0 &&
    (one.report.state === 'Degraded' || one.report.state === 'Stalled')
  );
}

/** False before true. */
function order(left: boolean, right: boolean): number {
  return Number(left) - Number(right);
}

/** Highest-random-weight hash of a cluster for a placement: the same cluster is the canary of each of its releases. */
export function rendezvous(placement: PlacementName, uid: ClusterUid): string {
  return sha256Hex(`${placement} ${uid}`);
}
