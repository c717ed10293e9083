import type { ClusterUid } from '@flotilla/shared/base';
import { whyAway } from './away.ts';
import { decide, type Step, wait } from './decide.ts';
import { isStillTarget, timeIsOverMs } from './judge-cluster.ts';
import type { NewFailure } from './judge-wave.ts';
import type { RolloutMoment } from './moment.ts';
import { planAgain } from './plan-release.ts';
import { leavers } from './wanted.ts';

/**
 * Plans what is left once more, with those who are away at its end, or, for a removal, ends it, so that the rest is
 * planned anew. Only without failures, which a new plan would forget; and only when it helps.
 */
export function beginAgain(moment: RolloutMoment, index: number, away: readonly ClusterUid[]): Step {
  const { rollout, evidence, nowMs, state } = moment;
  const text = awayText(moment, index, away);
  const stays = wait([{ code: 'WaitsForClusters', text, subject: rollout.id }]);
  const hasFailed = [...rollout.clusters.values()].some((one) => one.phase.kind === 'failed');
  if (hasFailed || rollout.isPaused) return stays;
  if (rollout.plan.rolloutKind === 'withdraw') {
    return away.length > 0 && !hasOthers(moment, away)
      ? stays
      : decide(evidence, { kind: 'rollout-cancelled', rollout: rollout.id, text });
  }
  const plan = planAgain({ state, rollout, evidence, nowMs });
  if (plan === undefined) return stays;
  const isHelp = plan.waves.every((wave) => wave.isAway || !wave.clusters.some((uid) => away.includes(uid)));
  return isHelp ? decide(evidence, plan) : stays;
}

/**
 * Whether a removal could begin with somebody else, be it one that its plan does not have because it left later, or had
 * something to hand over then. Who is away gets it when they are back.
 */
function hasOthers({ evidence, state }: RolloutMoment, away: readonly ClusterUid[]): boolean {
  return leavers(state, evidence).some((uid) => {
    const one = evidence.clusterOf(uid);
    const isHere = one?.presence === 'connected' && one.handOver === undefined;
    return isHere && !away.includes(uid) && state.kept?.clusters.has(uid) !== true;
  });
}

/**
 * Whether a removal leaves a cluster out whose silence would halt it: a person has resumed it since the cluster's time was over,
 * and others are here. A second halt would say what is known, and a removal has no skip. The cluster keeps its row: it
 * removes what it has to when it is back. A release is another matter: silence may be what it did, and a person may skip.
 */
export function goesOnWithout(moment: RolloutMoment, { cluster, failure }: NewFailure): boolean {
  const { evidence, rollout, state } = moment;
  const row = state.rows.get(cluster);
  const one = rollout.clusters.get(cluster);
  if (failure !== 'lost' || rollout.plan.rolloutKind !== 'withdraw') return false;
  if (row === undefined || one === undefined) return false;
  // Whose phase is younger than that had failed, and was resumed.
  const isResumed = one.sinceMs >= timeIsOverMs(row, evidence);
  return (
    isResumed &&
    [...rollout.clusters].some(([uid, { phase }]) => {
      const isOfUse = phase.kind === 'waiting' || phase.kind === 'issued' || phase.kind === 'ready';
      const isHere = evidence.clusterOf(uid)?.presence === 'connected';
      return uid !== cluster && isOfUse && isHere && isStillTarget(rollout, evidence, uid);
    })
  );
}

/** Whether of what comes after a wave nobody is a target any more, or has no need of it. */
export function isNobodyLeft(moment: RolloutMoment, index: number): boolean {
  const { evidence, rollout } = moment;
  const later = rollout.plan.waves.slice(index + 1).flatMap(({ clusters }) => clusters);
  return later.every(
    (uid) =>
      evidence.clusterOf(uid) === undefined ||
      !isStillTarget(rollout, evidence, uid) ||
      hasItAlready(moment, uid),
  );
}

/** Whether a cluster has what the rollout would give it: the log had lost that, and it was written down again (ADR 0022). */
function hasItAlready({ rollout, state }: RolloutMoment, uid: ClusterUid): boolean {
  const row = state.rows.get(uid);
  const target = rollout.plan.targets[uid];
  return (
    row?.target.kind === 'variant' &&
    target?.kind === 'variant' &&
    row.rollout !== rollout.id &&
    row.target.variant.digest === target.digest
  );
}

/** Ends a rollout of which nobody is left. */
export function cancelEmpty(moment: RolloutMoment, index: number): Step {
  const { rollout, evidence } = moment;
  const text = `${awayText(moment, index, [])}, and nobody was proven before`;
  return decide(evidence, { kind: 'rollout-cancelled', rollout: rollout.id, text });
}

/** Which wave waits, and for whom. */
export function awayText(moment: RolloutMoment, index: number, away: readonly ClusterUid[]): string {
  return away.length === 0
    ? `nobody of wave ${index + 1} is left`
    : `wave ${index + 1} waits: ${away.length} of its clusters ${whyAway(moment, away)}`;
}
