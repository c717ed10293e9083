import type { ClusterUid } from '@flotilla/shared/base';
import type { DeferReason, EvidenceSummary, FailureKind } from '@flotilla/shared/model';
import { samplesOf, thresholdOf } from './amounts.ts';
import type { RolloutEvidence } from './evidence.ts';
import { type ClusterVerdict, isStillTarget, judgeCluster, reportsOf } from './judge-cluster.ts';
import type { Rollout, RolloutState } from './state.ts';
import { isUrgent, soakFor } from './urgent.ts';

/** A failure that evidence shows and the log does not have yet. */
export interface NewFailure {
  readonly cluster: ClusterUid;
  readonly failure: FailureKind;
  readonly text: string;
}

/** The clusters of one wave as evidence has them now. Every cluster is in exactly one list. */
export interface WaveJudgement {
  readonly proven: readonly ClusterUid[];
  readonly soaking: readonly ClusterUid[];
  readonly moving: readonly ClusterUid[];
  readonly unknown: readonly ClusterUid[];
  readonly failed: readonly ClusterUid[];
  readonly deferred: readonly ClusterUid[];
  readonly excluded: readonly ClusterUid[];
  /** Have no row yet although the wave is open: a window or the fleet's cap holds them. */
  readonly waiting: readonly ClusterUid[];
  /** Failures to write down; their clusters are in `failed` too. */
  readonly fresh: readonly NewFailure[];
  /** Least proven health among proven and soaking, milliseconds. */
  readonly healthyForMs: number;
  /** When the first unknown cluster would count as lost. */
  readonly lostAtMs: number | undefined;
}

/** Judges the clusters of a wave. Clusters that passed a wave before are judged by `judgePast`. */
export function judgeWave(
  state: RolloutState,
  rollout: Rollout,
  evidence: RolloutEvidence,
  wave: number,
): WaveJudgement {
  const lists = emptyLists();
  const fresh: NewFailure[] = [];
  let healthyForMs = Number.POSITIVE_INFINITY;
  let lostAtMs: number | undefined;
  for (const uid of rollout.plan.waves[wave]?.clusters ?? []) {
    const phase = rollout.clusters.get(uid)?.phase;
    if (phase?.kind === 'deferred') {
      // Who is gone, or no target any more, never gets the row: a wave that waits for it would wait for ever (I15).
      const isBack = evidence.clusterOf(uid) !== undefined && isStillTarget(rollout, evidence, uid);
      lists[isBack && isComingBack(phase.reason) ? 'deferred' : 'excluded'].push(uid);
      continue;
    }
    if (phase?.kind === 'waiting') {
      lists[evidence.clusterOf(uid) === undefined ? 'excluded' : 'waiting'].push(uid);
      continue;
    }
    const verdict = judgeCluster(state, rollout, evidence, uid);
    if (phase?.kind === 'failed' && verdict.kind !== 'excluded') {
      lists.failed.push(uid);
      continue;
    }
    const seen = soaked(state, { rollout, wave, verdict: timedOut(verdict, state.timeMs) });
    lists[seen.kind].push(uid);
    if (seen.kind === 'failed') fresh.push({ cluster: uid, failure: seen.failure, text: seen.text });
    if (seen.kind === 'proven' || seen.kind === 'soaking') {
      healthyForMs = Math.min(healthyForMs, seen.healthyForMs);
    }
    if (seen.kind === 'unknown' && seen.lostAtMs !== undefined) {
      lostAtMs = Math.min(lostAtMs ?? seen.lostAtMs, seen.lostAtMs);
    }
  }
  return { ...lists, fresh, healthyForMs: Number.isFinite(healthyForMs) ? healthyForMs : 0, lostAtMs };
}

function emptyLists(): { [kind in ClusterVerdict['kind'] | 'deferred' | 'waiting']: ClusterUid[] } {
  return {
    waiting: [],
    proven: [],
    soaking: [],
    moving: [],
    unknown: [],
    failed: [],
    deferred: [],
    excluded: [],
  };
}

/** Whether a cluster that got no row gets it when its reason is gone. */
export function isComingBack(reason: DeferReason): boolean {
  return reason === 'offline' || reason === 'cordoned' || reason === 'dependency';
}

/** Once a person ended the soak of a wave, Ready of exactly its row is enough; what is urgent soaks less than its rows say. */
export function soaked(
  state: RolloutState,
  about: { readonly rollout: Rollout; readonly wave: number; readonly verdict: ClusterVerdict },
): ClusterVerdict {
  const { rollout, verdict, wave } = about;
  if (verdict.kind !== 'soaking') return verdict;
  const isHurried = isUrgent(state, rollout) && verdict.healthyForMs >= soakOf(state, rollout, wave);
  const isEnough = isHurried || rollout.promotedWave === wave;
  return isEnough ? { kind: 'proven', healthyForMs: verdict.healthyForMs } : verdict;
}

/** How long a wave of a rollout soaks. */
export function soakOf(state: RolloutState, rollout: Rollout, wave: number): number {
  const stage = rollout.plan.strategy.stages[rollout.plan.waves[wave]?.stage ?? 0];
  return soakFor(isUrgent(state, rollout), stage?.soakMs ?? 0);
}

/** Silence becomes a failure once folded time, not the local clock, has passed the hour. */
function timedOut(verdict: ClusterVerdict, timeMs: number): ClusterVerdict {
  if (verdict.kind !== 'unknown' || verdict.lostAtMs === undefined || timeMs < verdict.lostAtMs) {
    return verdict;
  }
  const text =
    'nothing was heard of the assignment within its deadline and five more minutes of a healthy hub';
  return { kind: 'failed', failure: 'lost', text };
}

/** What is to be written of the clusters that the open wave does not judge. */
export interface PastJudgement {
  readonly fresh: readonly NewFailure[];
  /** When the first one that was given its row outside a wave would count as lost. */
  readonly lostAtMs: number | undefined;
}

/** Clusters of earlier waves, or admitted outside a wave, that now fail. */
export function judgePast(state: RolloutState, rollout: Rollout, evidence: RolloutEvidence): PastJudgement {
  const fresh: NewFailure[] = [];
  let firstLostAtMs: number | undefined;
  for (const [uid, { phase, wave }] of rollout.clusters) {
    const isPast = phase.kind === 'ready' || (phase.kind === 'issued' && !isInOpenWave(rollout, wave));
    if (!isPast) continue;
    const verdict = timedOut(judgeCluster(state, rollout, evidence, uid), state.timeMs);
    // Silence after having been proven is shown as Unknown, not held against the release.
    const isProven = phase.kind === 'ready';
    if (verdict.kind === 'unknown' && verdict.lostAtMs !== undefined && !isProven)
      firstLostAtMs = Math.min(firstLostAtMs ?? verdict.lostAtMs, verdict.lostAtMs);
    if (verdict.kind !== 'failed' || (isProven && verdict.failure === 'lost')) continue;
    const failure = isProven ? 'regression' : verdict.failure;
    fresh.push({ cluster: uid, failure, text: verdict.text });
  }
  return { fresh, lostAtMs: firstLostAtMs };
}

function isInOpenWave(rollout: Rollout, wave: number | undefined): boolean {
  return rollout.status.kind === 'open' && rollout.status.wave === wave;
}

/** Why a rollout must halt: too many of its clusters failed; undefined = within its budget. */
export function overBudget(rollout: Rollout): string | undefined {
  const unwell = new Set(rollout.plan.unwell);
  const failed = [...rollout.clusters].filter(
    ([uid, { phase }]) => phase.kind === 'failed' && !unwell.has(uid),
  );
  if (failed.length === 0) return undefined;
  const { strategy, waves } = rollout.plan;
  for (const [index, wave] of waves.entries()) {
    const count = failed.filter(([, one]) => one.wave === index).length;
    const stage = strategy.stages[wave.stage];
    const max = thresholdOf((stage?.failure ?? strategy.failure).max, wave.clusters.length);
    if (count > max) {
      return `${count} of ${wave.clusters.length} clusters of wave ${index + 1} (${stage?.name}) failed, more than ${max}`;
    }
  }
  const planned = waves.reduce((sum, wave) => sum + wave.clusters.length, 0);
  const total = thresholdOf(strategy.failure.total, planned);
  // Clusters that joined are in no share; where the budget is a number, they count.
  const isShare = strategy.failure.total.kind === 'percent';
  const counted = isShare ? failed.filter(([, one]) => one.wave !== undefined).length : failed.length;
  return counted > total ? `${counted} of ${planned} clusters failed, more than ${total}` : undefined;
}

/** Whether enough of a wave has really been seen: at least one success, and the share that the strategy asks for. */
export function hasSamples(rollout: Rollout, judged: WaveJudgement): boolean {
  const counted = judged.proven.length + judged.failed.length;
  const all = counted + judged.deferred.length;
  return judged.proven.length > 0 && counted >= samplesOf(rollout.plan.strategy.minSamplesPercent, all);
}

/** What a decision about a wave rests on. */
export function summaryOf(judged: WaveJudgement, evidence: RolloutEvidence): EvidenceSummary {
  return {
    ready: judged.proven.length,
    failed: judged.failed.length,
    deferred: judged.deferred.length,
    unknown: judged.unknown.length + judged.moving.length + judged.soaking.length,
    healthyForMs: judged.proven.length === 0 ? 0 : judged.healthyForMs,
    reports: reportsOf([...judged.proven, ...judged.failed], evidence.clusterOf),
  };
}
