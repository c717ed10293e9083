import type { ClusterUid } from '@flotilla/shared/base';
import { formatDurationMs } from '@flotilla/shared/base';
import type { DeferReason, Reasoned } from '@flotilla/shared/model';
import { admitReturned } from './admit-returned.ts';
import { decide, firstOf, type Step, wait } from './decide.ts';
import { gateOf } from './gate.ts';
import { isStillTarget } from './judge-cluster.ts';
import {
  hasSamples,
  judgeWave,
  overBudget,
  regressions,
  summaryOf,
  type WaveJudgement,
} from './judge-wave.ts';
import type { RolloutMoment } from './moment.ts';
import { planUndo } from './plan-undo.ts';
import { isExpected, isStartable } from './presence.ts';
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

/** Failures come first: each is an event of its own, and halts are judged from what is written. */
function writeFailures(moment: RolloutMoment): Step {
  const { state, rollout, evidence } = moment;
  const { status } = rollout;
  const judged = status.kind === 'open' ? judgeWave(state, rollout, evidence, status.wave) : undefined;
  const [failure] = [...(judged?.fresh ?? []), ...regressions(state, rollout, evidence)];
  if (failure !== undefined) {
    const summary = judged && summaryOf(judged, evidence);
    return decide(evidence, { kind: 'cluster-failed', rollout: rollout.id, ...failure }, summary);
  }
  const lostAtMs = judged?.lostAtMs;
  if (lostAtMs === undefined) return wait();
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

function atGate({ rollout, state, nowMs }: RolloutMoment): Step | undefined {
  const gate = gateOf(rollout, nowMs);
  if (gate === undefined) return undefined;
  const text = `what comes after stage ${gate.name} waits for a person: flotilla rollout approve ${state.placement}`;
  return wait([reason(rollout, 'NeedsApproval', text)]);
}

function openWave(moment: RolloutMoment, index: number): Step {
  const { rollout, evidence } = moment;
  const wave = rollout.plan.waves[index];
  if (wave === undefined) return succeed(moment);
  if (rollout.isPaused) return wait([reason(rollout, 'Paused', `paused before wave ${index + 1}`)]);
  const clusters: ClusterUid[] = [];
  const deferred: { [uid: string]: DeferReason } = {};
  for (const uid of wave.clusters) {
    const why = whyNot(moment, uid);
    if (why === undefined) clusters.push(uid);
    else deferred[uid] = why;
  }
  const { stage } = wave;
  return decide(evidence, {
    kind: 'wave-opened',
    rollout: rollout.id,
    stage,
    wave: index,
    clusters,
    deferred,
  });
}

/** Why a cluster gets no row now; undefined = it may start. */
function whyNot(moment: RolloutMoment, uid: ClusterUid): DeferReason | undefined {
  const { rollout, evidence } = moment;
  const one = evidence.clusterOf(uid);
  if (one === undefined) return 'removed';
  const phase = rollout.clusters.get(uid)?.phase;
  if (phase?.kind === 'deferred' && phase.reason === 'skipped') return 'skipped';
  const isRemoval = rollout.plan.rolloutKind === 'withdraw';
  if (!isStillTarget(rollout, evidence, uid)) return isRemoval ? 'rematched' : 'unmatched';
  if (one.cluster.isCordoned && !isRemoval) return 'cordoned';
  if (one.presence !== 'connected') return 'offline';
  // A rollback repairs; what it depends on may be broken by the very thing that is taken back.
  const isBound = rollout.plan.rolloutKind !== 'rollback' && !isRemoval;
  return one.waitsFor !== undefined && isBound ? 'dependency' : undefined;
}

function passWave(moment: RolloutMoment, index: number): Step {
  const { state, rollout, evidence } = moment;
  const judged = judgeWave(state, rollout, evidence, index);
  const isOpen = judged.soaking.length + judged.moving.length + judged.unknown.length > 0;
  if (isOpen) return wait([waitingFor(rollout, index, judged)]);
  const blocked = whyNotPassed(moment, index, judged);
  if (blocked !== undefined) return blocked;
  const stage = rollout.plan.waves[index]?.stage ?? 0;
  const payload = { kind: 'wave-passed', rollout: rollout.id, stage, wave: index } as const;
  return decide(evidence, payload, summaryOf(judged, evidence));
}

/**
 * A wave in which everybody has settled still needs real successes, and enough of them. Two kinds of waves may end on
 * what earlier waves proved: the last one, and one whose clusters were away from the beginning; what they leave behind
 * catches up later.
 */
function whyNotPassed(moment: RolloutMoment, index: number, judged: WaveJudgement): Step | undefined {
  const { rollout, evidence } = moment;
  const { proven, failed, deferred } = judged;
  const { plan } = rollout;
  if (proven.length + failed.length + deferred.length === 0 || isUngated(plan.strategy)) return undefined;
  if (hasSamples(rollout, judged)) return undefined;
  const hasSuccess =
    proven.length > 0 || [...rollout.clusters.values()].some((one) => one.phase.kind === 'ready');
  const isLast = index + 1 === plan.waves.length;
  const isAway = plan.waves[index]?.isAway === true && proven.length + failed.length === 0;
  const expectedMs = isLast || isAway ? expectedUntilMs(moment, deferred) : undefined;
  if (hasSuccess && (isLast || isAway) && expectedMs === undefined) return undefined;
  if (deferred.length > 0) {
    const text = `wave ${index + 1} waits: ${deferred.length} of its clusters ${whyAway(moment, deferred)}`;
    return wait([reason(rollout, 'WaitsForClusters', text)], expectedMs);
  }
  const text = `none of the ${failed.length} clusters of wave ${index + 1} became Ready`;
  return decide(evidence, { kind: 'rollout-halted', rollout: rollout.id, text });
}

/** What keeps clusters away, as the end of a sentence. */
function whyAway({ evidence }: RolloutMoment, uids: readonly ClusterUid[]): string {
  const waiting = uids.map((uid) => evidence.clusterOf(uid)?.waitsFor).find((one) => one !== undefined);
  return waiting === undefined ? 'are offline or cordoned' : `are away, or wait: ${waiting.text}`;
}

/** When the last of these clusters stops being expected back any moment; undefined = none of them is. */
function expectedUntilMs({ rollout, evidence, nowMs }: RolloutMoment, uids: readonly ClusterUid[]) {
  const { afterMs } = rollout.plan.strategy.offline;
  let untilMs: number | undefined;
  for (const uid of uids) {
    const one = evidence.clusterOf(uid);
    if (one === undefined || !isExpected(one, afterMs, nowMs)) continue;
    // One that is here already waits for its turn; no use in looking again at once.
    const sinceMs = isStartable(one) ? nowMs : one.presenceSinceMs;
    untilMs = Math.max(untilMs ?? 0, sinceMs + afterMs);
  }
  return untilMs;
}

function succeed({ rollout, evidence }: RolloutMoment): Step {
  return decide(evidence, { kind: 'rollout-succeeded', rollout: rollout.id });
}

function waitingFor(rollout: Rollout, index: number, judged: WaveJudgement): Reasoned {
  const wave = rollout.plan.waves[index];
  const stage = rollout.plan.strategy.stages[wave?.stage ?? 0];
  const what = `wave ${index + 1} of ${rollout.plan.waves.length} (${stage?.name})`;
  const unsettled = judged.moving.length + judged.unknown.length;
  if (unsettled > 0) {
    const quiet = judged.unknown.length > 0 ? `, ${judged.unknown.length} of them not heard of yet` : '';
    const text = `${what} waits for ${unsettled} of ${wave?.clusters.length} clusters${quiet}`;
    return reason(rollout, 'WaitsForClusters', text);
  }
  const text = `${what} soaks: healthy for ${formatDurationMs(judged.healthyForMs)} of ${formatDurationMs(stage?.soakMs ?? 0)}`;
  return reason(rollout, 'Soaking', text);
}

function reason(rollout: Rollout, code: string, text: string): Reasoned {
  return { code, text, subject: rollout.id };
}
