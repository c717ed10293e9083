import { type ClusterUid, limits, type RolloutId } from '@flotilla/shared/base';
import type { Actor, Release, RolloutPlanned } from '@flotilla/shared/model';
import { withAbort, withUndo } from './fold-rejections.ts';
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
  // What was urgent was so of one release.
  const urgent = state.urgent?.release === plan.release?.digest ? state.urgent : undefined;
  if (!isWithdraw) return withUndo({ ...next, urgent, active: rollout }, stored, plan);
  const approved = new Set([...next.approved].filter((uid) => !rollout.clusters.has(uid)));
  const agreed = next.approved.intersection(new Set(rollout.clusters.keys()));
  const withdraw = agreed.size === 0 ? rollout : { ...rollout, agreed };
  return { ...next, withdraw, approved, held: undefined };
}

function begin(state: RolloutState, stored: StoredPlacementEvent, written: RolloutPlanned): Rollout {
  const isOwnCause = written.cause.kind === 'decision' && written.cause.event === '';
  const plan: RolloutPlanned = isOwnCause
    ? { ...written, cause: { kind: 'decision', event: stored.event.id } }
    : written;
  const clusters = new Map<ClusterUid, RolloutCluster>();
  for (const [wave, { clusters: uids }] of plan.waves.entries()) {
    const made = new Map<string, RolloutCluster>();
    for (const uid of uids) {
      const target = plan.targets[uid];
      if (target === undefined) continue;
      const key = target.kind === 'variant' ? target.digest : target.mode;
      const one = made.get(key) ?? { target, wave, phase: waiting, sinceMs: state.timeMs };
      made.set(key, one);
      clusters.set(uid, one);
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
    approvals: new Map(),
    promotedWave: undefined,
    clusters,
  };
}

/** One for all, as clusters of a wave with the same target are one: a fleet has a million of them. */
const waiting = { kind: 'waiting' } as const;

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
  const ended: RolloutState = {
    ...state,
    active: state.active?.id === id ? undefined : state.active,
    withdraw: state.withdraw?.id === id ? undefined : state.withdraw,
    settled: withSettled(state, rollout),
    history: [finished, ...state.history].slice(0, limits.rolloutHistoryMax),
  };
  if (ending.outcome === 'superseded') return ended;
  const isOver = ended.urgent !== undefined && ended.urgent.release === plan.release?.digest;
  const calm = isOver ? { ...ended, urgent: undefined } : ended;
  if (ending.outcome === 'cancelled') return withAbort(calm, rollout, ending);
  return plan.release === undefined ? calm : withStable(calm, plan.release);
}

/** The rollout is forgotten, but not of whom it is known that they have ended changing: their tokens are over (I2). */
function withSettled({ rows, settled }: RolloutState, { clusters, id }: Rollout): RolloutState['settled'] {
  const next = new Map(settled);
  for (const [uid, { phase }] of clusters) {
    const row = rows.get(uid);
    const isOver = phase.kind === 'ready' || phase.kind === 'failed';
    if (isOver && row?.rollout === id) next.set(uid, row.version.seq);
  }
  return next;
}

/** What succeeded is where an undo leads; what was there before it is where an undo of the success leads. */
function withStable(state: RolloutState, release: Release): RolloutState {
  const isSame = state.stable?.digest === release.digest;
  return { ...state, stable: release, stableBefore: isSame ? state.stableBefore : state.stable };
}

/** The number in `<placement>-<number>`. */
function numberOf(id: RolloutId): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}
