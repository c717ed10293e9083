import { assertNever, type ClusterUid, type RolloutId } from '@flotilla/shared/base';
import type {
  CheckDecision,
  ClustersStarted,
  PlacementDecision,
  RolloutPlanned,
  WaveOpened,
} from '@flotilla/shared/model';
import { withAdopted } from './fold-adopted.ts';
import { failedText, noAnswers, withoutAnswers, withPassed } from './fold-checks.ts';
import { finish, planned } from './fold-lifecycle.ts';
import { withPermission } from './fold-permission.ts';
import { withKeepLifted, withLifted, withSkipped } from './fold-rejections.ts';
import { withAdmitted, withOpened } from './fold-rows.ts';
import { setPhases } from './phases.ts';
import type {
  HeldWithdraw,
  Rollout,
  RolloutClusterPhase,
  RolloutState,
  StoredPlacementEvent,
} from './state.ts';

/**
 * Takes one event of the placement's subject into its state. Events come in the log's order; one that was folded already
 * changes nothing. Total: an event that speaks of an unknown rollout moves only position and time.
 */
export function foldRollout(state: RolloutState, stored: StoredPlacementEvent): RolloutState {
  if (stored.seq <= state.lastSeq) return state;
  const moved: RolloutState = {
    ...state,
    lastSeq: stored.seq,
    timeMs: Math.max(state.timeMs, stored.storedAtMs),
  };
  return apply(moved, stored, stored.event.payload);
}

function apply(state: RolloutState, stored: StoredPlacementEvent, payload: PlacementDecision): RolloutState {
  switch (payload.kind) {
    case 'rollout-planned':
      return planned(state, stored, payload satisfies RolloutPlanned);
    case 'wave-opened':
    case 'clusters-started':
      return open(state, stored, payload);
    case 'clusters-admitted': {
      const rollout = findRollout(state, payload.rollout);
      return rollout === undefined ? state : withAdmitted(state, { rollout, stored, payload });
    }
    case 'cluster-failed':
      return update(state, payload.rollout, (rollout) =>
        setPhases(rollout, [payload.cluster], failed(payload), state.timeMs),
      );
    case 'wave-passed':
      return update(state, payload.rollout, (rollout) => passed(state, rollout, payload));
    case 'check-passed':
      return update(state, payload.rollout, (rollout) =>
        // Not before the clock of who decided it: however far clocks differ, nobody finds old what it has just asked.
        withPassed(rollout, payload, Math.max(state.timeMs, stored.event.atMs)),
      );
    case 'check-failed':
      return update(state, payload.rollout, (rollout) => withFailed(state, rollout, payload));
    case 'rollout-halted':
      return update(state, payload.rollout, (rollout) => halted(state, rollout, payload.text));
    case 'rollout-resumed':
      return update(state, payload.rollout, (rollout) => resumed(state, rollout));
    case 'rollout-paused':
      return update(state, payload.rollout, (rollout) => ({ ...rollout, isPaused: payload.paused }));
    case 'rollout-succeeded':
      return finish(state, payload.rollout, { outcome: 'succeeded', text: '', by: stored.event.actor });
    case 'rollout-superseded':
    case 'rollout-cancelled':
      return ended(state, stored, payload);
    case 'stage-approved':
      return update(state, payload.rollout, (rollout) => ({
        ...rollout,
        approvals: new Map(rollout.approvals).set(payload.stage, state.timeMs),
      }));
    case 'wave-promoted':
      return update(state, payload.rollout, (rollout) => ({ ...rollout, promotedWave: payload.wave }));
    case 'cluster-skipped':
      return withSkipped(state, payload);
    case 'prune-permitted':
      return withPermission(state, stored, payload);
    case 'rejection-lifted':
      return withLifted(state, payload);
    case 'release-urgent': {
      const { release, text } = payload;
      return { ...state, urgent: { release, text, by: stored.event.actor, sinceMs: state.timeMs } };
    }
    case 'keep-lifted':
      return withKeepLifted(state, payload.clusters);
    case 'withdraw-held':
      return { ...state, held: heldBy(state, stored.seq, payload) };
    case 'withdraw-approved':
      return { ...state, approved: new Set([...state.approved, ...payload.clusters]), held: undefined };
    case 'withdraw-lifted': {
      const approved = new Set([...state.approved].filter((uid) => !payload.clusters.includes(uid)));
      return { ...state, approved, held: payload.endsQuestion ? undefined : state.held };
    }
    case 'rows-adopted':
      return withAdopted(state, stored, payload);
    case 'cluster-forgotten':
      return forget(state, payload.cluster);
    case 'on-unmatch-set':
      return { ...state, onUnmatch: payload.mode };
    case 'tick':
      return { ...state, tickedAtMs: stored.event.atMs };
    default:
      return assertNever(payload, 'decision');
  }
}

/** A removal that waits goes on from the one before it when that is about some of the same clusters. */
function heldBy(
  { held, timeMs }: RolloutState,
  seq: number,
  { clusters, commit, text }: Extract<PlacementDecision, { readonly kind: 'withdraw-held' }>,
): HeldWithdraw {
  const isLonger = held?.clusters.some((uid) => clusters.includes(uid)) === true;
  return { clusters, commit, text, sinceMs: timeMs, sinceSeq: isLonger ? held.sinceSeq : seq };
}

function ended(
  state: RolloutState,
  { event }: StoredPlacementEvent,
  payload: Extract<PlacementDecision, { readonly kind: 'rollout-superseded' | 'rollout-cancelled' }>,
): RolloutState {
  return payload.kind === 'rollout-superseded'
    ? finish(state, payload.rollout, { outcome: 'superseded', text: `by ${payload.by}`, by: event.actor })
    : finish(state, payload.rollout, { outcome: 'cancelled', text: payload.text, by: event.actor });
}

/** The rollout of an id that has not ended. */
export function findRollout(state: RolloutState, id: RolloutId): Rollout | undefined {
  if (state.active?.id === id) return state.active;
  return state.withdraw?.id === id ? state.withdraw : undefined;
}

function update(state: RolloutState, id: RolloutId, change: (rollout: Rollout) => Rollout): RolloutState {
  if (state.active?.id === id) return { ...state, active: change(state.active) };
  if (state.withdraw?.id === id) return { ...state, withdraw: change(state.withdraw) };
  return state;
}

function open(
  state: RolloutState,
  stored: StoredPlacementEvent,
  payload: WaveOpened | ClustersStarted,
): RolloutState {
  const rollout = findRollout(state, payload.rollout);
  return rollout === undefined ? state : withOpened(state, { rollout, stored, payload });
}

function failed(
  payload: Extract<PlacementDecision, { readonly kind: 'cluster-failed' }>,
): RolloutClusterPhase {
  return { kind: 'failed', failure: payload.failure, text: payload.text };
}

function passed(
  state: RolloutState,
  rollout: Rollout,
  payload: { readonly stage: number; readonly wave: number },
): Rollout {
  const ready = [...rollout.clusters]
    .filter(([, one]) => one.wave === payload.wave && one.phase.kind === 'issued')
    .map(([uid]) => uid);
  const { stage, wave } = payload;
  return {
    ...setPhases(rollout, ready, { kind: 'ready' }, state.timeMs),
    status: { kind: 'passed', stage, wave, sinceMs: state.timeMs },
  };
}

/**
 * What had failed is looked at again with fresh eyes: it counts when the cluster still says so. Approvals and answers of
 * checks spoke of what was seen before.
 */
function resumed(state: RolloutState, rollout: Rollout): Rollout {
  if (rollout.status.kind !== 'halted') return rollout;
  const { isBeforeAll, stage, wave } = rollout.status;
  const again = [...rollout.clusters].filter(([, one]) => one.phase.kind === 'failed').map(([uid]) => uid);
  return {
    ...setPhases(rollout, again, { kind: 'issued' }, state.timeMs),
    approvals: new Map(),
    ...(rollout.checks && { checks: withoutAnswers(rollout.checks) }),
    // What had not begun begins from the beginning, gates included.
    status: isBeforeAll ? { kind: 'planned' } : { kind: 'open', stage, wave, sinceMs: state.timeMs },
  };
}

/** A check that failed halts; that there was an answer is kept, so that a resume asks anew. */
function withFailed(state: RolloutState, rollout: Rollout, payload: CheckDecision): Rollout {
  const checks = rollout.checks ?? noAnswers;
  return { ...halted(state, rollout, failedText(rollout, payload)), checks };
}

function halted(state: RolloutState, rollout: Rollout, text: string): Rollout {
  const { status } = rollout;
  const since = { kind: 'halted', sinceMs: state.timeMs, text } as const;
  if (status.kind === 'planned') {
    return { ...rollout, status: { ...since, stage: 0, wave: 0, isBeforeAll: true } };
  }
  return { ...rollout, status: { ...since, stage: status.stage, wave: status.wave } };
}

function forget(state: RolloutState, cluster: ClusterUid): RolloutState {
  const rows = new Map(state.rows);
  rows.delete(cluster);
  const settled = new Map(state.settled);
  settled.delete(cluster);
  const approved = new Set([...state.approved].filter((one) => one !== cluster));
  const skipped = new Map(state.skipped);
  skipped.delete(cluster);
  const gone = (rollout: Rollout | undefined) =>
    rollout && setPhases(rollout, [cluster], { kind: 'deferred', reason: 'removed' }, state.timeMs);
  const running = { active: gone(state.active), withdraw: gone(state.withdraw) };
  return { ...state, rows, settled, approved, skipped, ...running };
}
