import { type ClusterUid, limits, type RolloutId } from '@flotilla/shared/base';
import type { Actor, RolloutPlanned } from '@flotilla/shared/model';
import { countPhases } from './phases.ts';
import type {
  FinishedRollout,
  Rollout,
  RolloutCluster,
  RolloutState,
  StoredPlacementEvent,
} from './state.ts';

/** How a rollout ended. */
interface Ending {
  readonly outcome: FinishedRollout['outcome'];
  readonly text: string;
  readonly by: Actor;
}

/** A new rollout takes its slot; what was in it is superseded. */
export function planned(
  state: RolloutState,
  stored: StoredPlacementEvent,
  plan: RolloutPlanned,
): RolloutState {
  const isWithdraw = plan.rolloutKind === 'withdraw';
  const before = isWithdraw ? state.withdraw : state.active;
  const ending: Ending = { outcome: 'superseded', text: `by ${plan.rollout}`, by: stored.event.actor };
  const freed = before === undefined ? state : finish(state, before.id, ending);
  const rollout = begin(freed, stored, plan);
  const next: RolloutState = {
    ...freed,
    nextNumber: Math.max(freed.nextNumber, numberOf(plan.rollout) + 1),
    onUnmatch: plan.onUnmatch,
  };
  if (!isWithdraw) return { ...next, active: rollout };
  const approved = new Set([...next.approved].filter((uid) => !rollout.clusters.has(uid)));
  return { ...next, withdraw: rollout, approved, held: undefined };
}

function begin(state: RolloutState, stored: StoredPlacementEvent, plan: RolloutPlanned): Rollout {
  const clusters = new Map<ClusterUid, RolloutCluster>();
  for (const [wave, { clusters: uids }] of plan.waves.entries()) {
    for (const uid of uids) {
      const target = plan.targets[uid];
      if (target === undefined) continue;
      clusters.set(uid, { target, wave, phase: { kind: 'waiting' }, sinceMs: state.timeMs });
    }
  }
  return {
    id: plan.rollout,
    plan,
    plannedSeq: stored.seq,
    plannedAtMs: stored.storedAtMs,
    plannedBy: stored.event.actor,
    status: { kind: 'planned' },
    isPaused: false,
    clusters,
  };
}

/** A rollout ended; its rows stay. Success makes its release the stable one. */
export function finish(state: RolloutState, id: RolloutId, ending: Ending): RolloutState {
  const rollout = [state.active, state.withdraw].find((one) => one?.id === id);
  if (rollout === undefined) return state;
  const { plan } = rollout;
  const finished: FinishedRollout = {
    id,
    kind: plan.rolloutKind,
    ...ending,
    releaseDigest: plan.release?.digest,
    commit: plan.release?.commit,
    cause: plan.cause,
    strategy: plan.strategy.name,
    plannedAtMs: rollout.plannedAtMs,
    endedAtMs: state.timeMs,
    counts: countPhases(rollout),
  };
  const isStable = ending.outcome === 'succeeded' && plan.release !== undefined;
  return {
    ...state,
    active: state.active?.id === id ? undefined : state.active,
    withdraw: state.withdraw?.id === id ? undefined : state.withdraw,
    stable: isStable ? plan.release : state.stable,
    history: [finished, ...state.history].slice(0, limits.rolloutHistoryMax),
  };
}

/** The number in `<placement>-<number>`. */
function numberOf(id: RolloutId): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}
