import type { ClusterUid } from '@flotilla/shared/base';
import { formatDurationMs } from '@flotilla/shared/base';
import type { Reasoned } from '@flotilla/shared/model';
import { admitReturned } from './admit-returned.ts';
import { atGate } from './at-gate.ts';
import { expectedUntilMs } from './away.ts';
import { decide, firstOf, type Step, start, type Waiting, wait } from './decide.ts';
import { rolloutUntilWell } from './impaired.ts';
import {
  hasSamples,
  judgePast,
  judgeWave,
  overBudget,
  soakOf,
  summaryOf,
  type WaveJudgement,
} from './judge-wave.ts';
import type { RolloutMoment } from './moment.ts';
import { awayText, beginAgain, cancelEmpty, goesOnWithout, isNobodyLeft } from './nobody-left.ts';
import { planUndo } from './plan-undo.ts';
import { startsOf } from './starts.ts';
import type { Rollout } from './state.ts';
import { isUngated } from './strategies.ts';

/** Least time between two ticks. */
const tickPauseMs = 10_000;

/** The next decision about a rollout that has not ended, or what it waits for. */
export function runRollout(moment: RolloutMoment): Step {
  return firstOf([
    () => writeFailures(moment),
    () => haltOverBudget(moment),
    () => moveOn(moment),
    () => admitReturned(moment),
  ]);
}

const never = Number.POSITIVE_INFINITY;

/** Failures come first: each is an event of its own, and halts are judged from what is written. */
function writeFailures(moment: RolloutMoment): Step {
  const { state, rollout, evidence } = moment;
  const { status } = rollout;
  const judged = status.kind === 'open' ? judgeWave(state, rollout, evidence, status.wave) : undefined;
  const past = judgePast(state, rollout, evidence);
  const [failure] = [...(judged?.fresh ?? []), ...past.fresh];
  if (failure !== undefined) {
    const summary = judged && summaryOf(judged, evidence);
    const { cluster } = failure;
    return goesOnWithout(moment, failure)
      ? decide(evidence, { kind: 'cluster-skipped', rollout: rollout.id, cluster }, summary)
      : decide(evidence, { kind: 'cluster-failed', rollout: rollout.id, ...failure }, summary);
  }
  const lostAtMs = Math.min(judged?.lostAtMs ?? never, past.lostAtMs ?? never);
  if (lostAtMs === never || status.kind === 'halted') return wait();
  // The local clock only says when to look; the tick's stamp is what counts. It may lag: ticks do not follow each other.
  const tickAtMs = Math.max(lostAtMs, state.tickedAtMs + tickPauseMs);
  return moment.nowMs >= tickAtMs ? decide(evidence, { kind: 'tick' }) : wait([], tickAtMs);
}

function haltOverBudget(moment: RolloutMoment): Step {
  const { rollout, evidence } = moment;
  if (rollout.status.kind === 'halted') {
    const undo = undoByStrategy(moment, rollout.status.text);
    return undo ?? wait([reason(rollout, 'Halted', `halted: ${rollout.status.text}`)]);
  }
  const text = overBudget(rollout);
  return text === undefined
    ? wait()
    : decide(evidence, { kind: 'rollout-halted', rollout: rollout.id, text });
}

/** A strategy with `failure.action: rollback` undoes what halted; without a stable release there is only the halt (R9). */
function undoByStrategy({ state, rollout, evidence, nowMs }: RolloutMoment, text: string): Step | undefined {
  const { rolloutKind, strategy } = rollout.plan;
  const isNew = rolloutKind === 'update' || rolloutKind === 'expand';
  if (!isNew || strategy.failure.action !== 'rollback') return undefined;
  const plan = planUndo(state, evidence, { text, nowMs });
  return plan.ok ? decide(evidence, plan.value) : undefined;
}

function moveOn(moment: RolloutMoment): Step {
  const { rollout } = moment;
  switch (rollout.status.kind) {
    case 'planned':
      return atGate(moment) ?? openWave(moment, 0);
    case 'open':
      return passWave(moment, rollout.status.wave);
    case 'passed': {
      const gated = atGate(moment);
      if (gated !== undefined) return gated;
      return rollout.status.wave + 1 < rollout.plan.waves.length
        ? openWave(moment, rollout.status.wave + 1)
        : succeed(moment);
    }
    case 'halted':
      return wait();
  }
}

function openWave(moment: RolloutMoment, index: number): Step {
  const { rollout, evidence } = moment;
  const wave = rollout.plan.waves[index];
  if (wave === undefined) return succeed(moment);
  const still = standsStill(moment, `before wave ${index + 1}`);
  if (still !== undefined) return still;
  const starts = startsOf(moment, wave.clusters);
  // A wave is open once somebody has begun; while all of it waits for the same, it is that which the rollout waits for.
  if (starts.clusters.length === 0 && starts.held.size > 0)
    return wait(starts.notes, starts.wakeAtMs, starts.held);
  const { clusters, deferred, tokens } = starts;
  const { stage } = wave;
  const payload = {
    kind: 'wave-opened',
    rollout: rollout.id,
    stage,
    wave: index,
    clusters,
    deferred,
  } as const;
  return start(evidence, payload, tokens);
}

/** Why nobody may start, whoever it is; undefined = they may. */
function standsStill(moment: RolloutMoment, where: string): Waiting | undefined {
  const { frozen, rollout } = moment;
  const paused = reason(rollout, 'Paused', `paused ${where}`);
  const still = [...(rollout.isPaused ? [paused] : []), ...(frozen === undefined ? [] : [frozen])];
  return still.length > 0 ? wait(still) : rolloutUntilWell(moment);
}

/** Those of an open wave who waited for a window or for the fleet's cap, and may start now. */
function startMore(moment: RolloutMoment, index: number, held: readonly ClusterUid[]): Step {
  const { rollout, evidence } = moment;
  if (held.length === 0) return wait();
  const still = standsStill(moment, `in wave ${index + 1}`);
  if (still !== undefined) return still;
  const starts = startsOf(moment, held);
  const isSame = starts.clusters.length === 0 && Object.keys(starts.deferred).length === 0;
  if (isSame) return wait(starts.notes, starts.wakeAtMs, starts.held);
  const { clusters, deferred, tokens } = starts;
  const stage = rollout.plan.waves[index]?.stage ?? 0;
  const payload = {
    kind: 'clusters-started',
    rollout: rollout.id,
    stage,
    wave: index,
    clusters,
    deferred,
  } as const;
  return start(evidence, payload, tokens);
}

function passWave(moment: RolloutMoment, index: number): Step {
  const { state, rollout, evidence } = moment;
  const judged = judgeWave(state, rollout, evidence, index);
  const more = startMore(moment, index, judged.waiting);
  if (more.kind === 'decide') return more;
  const isOpen = judged.soaking.length + judged.moving.length + judged.unknown.length > 0;
  if (isOpen || judged.waiting.length > 0) {
    const moving = isOpen ? [waitingFor(moment, index, judged)] : [];
    return wait([...more.notes, ...moving], more.wakeAtMs, more.held);
  }
  const blocked = whyNotPassed(moment, index, judged);
  if (blocked !== undefined) return blocked;
  const stage = rollout.plan.waves[index]?.stage ?? 0;
  const payload = { kind: 'wave-passed', rollout: rollout.id, stage, wave: index } as const;
  return decide(evidence, payload, summaryOf(judged, evidence));
}

/**
 * A wave in which everybody has settled still needs real successes, and enough of them. Two kinds of waves may end on
 * what earlier waves proved: the last one, and one whose clusters were away from the beginning; what they leave behind
 * catches up later. A wave of which nobody is left, or that waits for clusters which are not expected back, does not hold
 * the others: the rest is planned again, and what is away comes last (I15).
 */
function whyNotPassed(moment: RolloutMoment, index: number, judged: WaveJudgement): Step | undefined {
  const { rollout, evidence } = moment;
  const { proven, failed, deferred } = judged;
  const { plan } = rollout;
  if (isUngated(plan.strategy)) return undefined;
  const hasSuccess =
    proven.length > 0 || [...rollout.clusters.values()].some((one) => one.phase.kind === 'ready');
  const isLast = index + 1 === plan.waves.length;
  if (proven.length + failed.length + deferred.length === 0) {
    // Nothing was proven by nobody (I8): another cluster goes first, or it ends as what it is, and nothing becomes stable by it.
    if (hasSuccess || (isLast && plan.rolloutKind === 'withdraw')) return undefined;
    return isNobodyLeft(moment, index) ? cancelEmpty(moment, index) : beginAgain(moment, index, []);
  }
  if (hasSamples(rollout, judged)) return undefined;
  const isAway = plan.waves[index]?.isAway === true && proven.length + failed.length === 0;
  const expectedMs = expectedUntilMs(moment, deferred);
  if (hasSuccess && (isLast || isAway) && expectedMs === undefined) return undefined;
  if (deferred.length > 0) {
    if (expectedMs === undefined) return beginAgain(moment, index, deferred);
    return wait([reason(rollout, 'WaitsForClusters', awayText(moment, index, deferred))], expectedMs);
  }
  const text = `none of the ${failed.length} clusters of wave ${index + 1} became Ready`;
  return decide(evidence, { kind: 'rollout-halted', rollout: rollout.id, text });
}

function succeed({ rollout, evidence }: RolloutMoment): Step {
  return decide(evidence, { kind: 'rollout-succeeded', rollout: rollout.id });
}

function waitingFor({ rollout, state }: RolloutMoment, index: number, judged: WaveJudgement): Reasoned {
  const wave = rollout.plan.waves[index];
  const stage = rollout.plan.strategy.stages[wave?.stage ?? 0];
  const what = `wave ${index + 1} of ${rollout.plan.waves.length} (${stage?.name})`;
  const unsettled = judged.moving.length + judged.unknown.length;
  if (unsettled > 0) {
    const quiet = judged.unknown.length > 0 ? `, ${judged.unknown.length} of them not heard of yet` : '';
    const text = `${what} waits for ${unsettled} of ${wave?.clusters.length} clusters${quiet}`;
    return reason(rollout, 'WaitsForClusters', text);
  }
  const text = `${what} soaks: healthy for ${formatDurationMs(judged.healthyForMs)} of ${formatDurationMs(soakOf(state, rollout, index))}`;
  return reason(rollout, 'Soaking', text);
}

function reason(rollout: Rollout, code: string, text: string): Reasoned {
  return { code, text, subject: rollout.id };
}
