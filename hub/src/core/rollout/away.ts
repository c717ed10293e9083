import type { ClusterUid } from '@flotilla/shared/base';
import type { ClusterEvidence } from './evidence.ts';
import { judgeWave } from './judge-wave.ts';
import type { RolloutMoment } from './moment.ts';
import { isExpected, isStartable } from './presence.ts';

/** What keeps clusters away, as the end of a sentence. */
export function whyAway({ evidence }: RolloutMoment, uids: readonly ClusterUid[]): string {
  const waiting = uids.map((uid) => evidence.clusterOf(uid)?.waitsFor).find((one) => one !== undefined);
  return waiting === undefined ? 'are offline or cordoned' : `are away, or wait: ${waiting.text}`;
}

/** When the last of these clusters stops being expected back any moment; undefined = none of them is. */
export function expectedUntilMs(
  { rollout, evidence, nowMs }: RolloutMoment,
  uids: readonly ClusterUid[],
): number | undefined {
  const { afterMs } = rollout.plan.strategy.offline;
  let untilMs: number | undefined;
  for (const uid of uids) {
    const one = evidence.clusterOf(uid);
    if (one === undefined || !isExpected(one, afterMs, nowMs)) continue;
    const oneUntilMs = sinceMs(one, rollout.clusters.get(uid)?.sinceMs ?? nowMs, nowMs) + afterMs;
    if (oneUntilMs <= nowMs) continue;
    untilMs = Math.max(untilMs ?? 0, oneUntilMs);
  }
  return untilMs;
}

/** Since when a cluster keeps its wave waiting. */
function sinceMs(one: ClusterEvidence, deferredAtMs: number, nowMs: number): number {
  // One that is here already waits for its turn; no use in looking again at once.
  if (isStartable(one)) return nowMs;
  return one.presence === 'connected' ? deferredAtMs : one.presenceSinceMs;
}

/**
 * Whether a rollout waits for nothing but clusters that are not expected back, or has nobody left in its wave: it may never
 * end by itself.
 */
export function waitsForAway(moment: RolloutMoment): boolean {
  const { status } = moment.rollout;
  if (status.kind !== 'open') return false;
  const judged = judgeWave(moment.state, moment.rollout, moment.evidence, status.wave);
  const isMoving = judged.soaking.length + judged.moving.length + judged.unknown.length > 0;
  if (isMoving) return false;
  if (judged.deferred.length > 0) return expectedUntilMs(moment, judged.deferred) === undefined;
  return judged.proven.length + judged.failed.length + judged.waiting.length === 0;
}
