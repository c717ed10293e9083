import type { ClusterUid, RolloutId } from '@flotilla/shared/base';
import type { Actor, PlacementDecision, RolloutPlanned } from '@flotilla/shared/model';
import { setPhases } from './phases.ts';
import type { Rollout, RolloutState, StoredPlacementEvent } from './state.ts';

/**
 * A plan that undoes something rejects it, and what it goes back to is stable from now on: whoever joins meanwhile gets
 * that, and not the release that is being taken back. Skips are for one release.
 */
export function withUndo(
  state: RolloutState,
  stored: StoredPlacementEvent,
  plan: RolloutPlanned,
): RolloutState {
  const release = plan.release?.digest;
  const skipped = new Map([...state.skipped].filter(([, digest]) => digest === release));
  if (plan.rejects === undefined) return { ...state, skipped };
  return {
    ...state,
    skipped,
    stable: plan.release,
    stableBefore: undefined,
    rejected: { ...plan.rejects, by: stored.event.actor, sinceMs: state.timeMs },
    aborted: undefined,
  };
}

/**
 * What a person aborted does not start again by itself; what the hub cancelled, because nobody wants it, is no abort. Of
 * a removal it is the clusters that keep what they have.
 */
export function withAbort(
  state: RolloutState,
  { id, plan }: Pick<Rollout, 'id' | 'plan'>,
  { by, text }: { readonly by: Actor; readonly text: string },
): RolloutState {
  if (by.kind !== 'person') return state;
  const sinceMs = state.timeMs;
  if (plan.release === undefined) {
    // Keys of this record are the uids that the plan's writer put there.
    const clusters = Object.keys(plan.targets) as ClusterUid[];
    return { ...state, kept: { clusters: new Set(clusters), rollout: id, by, text, sinceMs } };
  }
  const { commit, digest } = plan.release;
  return { ...state, aborted: { release: digest, commit: commit.id, rollout: id, by, text, sinceMs } };
}

/** Clusters that were kept when a removal was aborted may lose the placement again. */
export function withKeepLifted(state: RolloutState, clusters: readonly ClusterUid[]): RolloutState {
  if (state.kept === undefined) return state;
  const left = new Set([...state.kept.clusters].filter((uid) => !clusters.includes(uid)));
  return { ...state, kept: left.size === 0 ? undefined : { ...state.kept, clusters: left } };
}

/** A release may start again, everywhere. */
export function withLifted(
  state: RolloutState,
  { release }: Extract<PlacementDecision, { readonly kind: 'rejection-lifted' }>,
): RolloutState {
  return {
    ...state,
    rejected: state.rejected?.release === release ? undefined : state.rejected,
    aborted: state.aborted?.release === release ? undefined : state.aborted,
    skipped: new Map([...state.skipped].filter(([, digest]) => digest !== release)),
  };
}

/**
 * A cluster is left out of the rollout that runs. One of another rollout, or one that it does not have, changes nothing. Who
 * is left out of a removal has its row and needs no retry.
 */
export function withSkipped(
  state: RolloutState,
  { cluster, rollout }: { readonly cluster: ClusterUid; readonly rollout: RolloutId },
): RolloutState {
  const { active, withdraw } = state;
  const leftOut = { kind: 'deferred', reason: 'skipped' } as const;
  if (withdraw?.id === rollout)
    return { ...state, withdraw: setPhases(withdraw, [cluster], leftOut, state.timeMs) };
  const release = active?.plan.release?.digest;
  if (active?.id !== rollout || release === undefined || !active.clusters.has(cluster)) return state;
  return {
    ...state,
    active: setPhases(active, [cluster], leftOut, state.timeMs),
    skipped: new Map(state.skipped).set(cluster, release),
  };
}
