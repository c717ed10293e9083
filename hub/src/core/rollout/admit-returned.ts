import type { RolloutTarget } from '@flotilla/shared/model';
import { capOf } from './amounts.ts';
import { type Step, start, wait } from './decide.ts';
import { rolloutUntilWell } from './impaired.ts';
import { isStillTarget, judgeCluster } from './judge-cluster.ts';
import { isComingBack } from './judge-wave.ts';
import type { RolloutMoment } from './moment.ts';
import { isStartable } from './presence.ts';
import { startsOf } from './starts.ts';

/**
 * Clusters whose wave opened without them, and that are back: they get their row, as many at a time as a wave of the
 * stage may have, unless the rollout stands still.
 */
export function admitReturned(moment: RolloutMoment): Step {
  const { rollout, evidence } = moment;
  const { status } = rollout;
  if (moment.frozen !== undefined) return wait();
  if (rollout.isPaused || status.kind === 'halted' || status.kind === 'planned') return wait();
  const back = [...rollout.clusters].filter(([uid, { phase }]) => {
    if (phase.kind !== 'deferred' || !isComingBack(phase.reason)) return false;
    const one = evidence.clusterOf(uid);
    const isRemovalHeld = rollout.plan.rolloutKind === 'withdraw' && one?.handOver !== undefined;
    return one !== undefined && isStartable(one) && !isRemovalHeld && isStillTarget(rollout, evidence, uid);
  });
  if (back.length === 0) return wait();
  const unwell = rolloutUntilWell(moment);
  if (unwell !== undefined) return unwell;
  const max = rollout.plan.strategy.stages[status.stage]?.waves.max ?? { kind: 'count', count: 1 };
  const room = capOf(max, Object.keys(rollout.plan.targets).length) - inFlight(moment);
  if (room <= 0) return wait();
  const starts = startsOf(
    moment,
    back.map(([uid]) => uid),
    room,
  );
  if (starts.clusters.length === 0) return wait(starts.notes, starts.wakeAtMs, starts.held);
  const targets: { [uid: string]: RolloutTarget } = {};
  for (const uid of starts.clusters) {
    const target = rollout.clusters.get(uid)?.target;
    if (target !== undefined) targets[uid] = target;
  }
  const basis = 'returned';
  const payload = { kind: 'clusters-admitted', rollout: rollout.id, basis, targets, variants: {} } as const;
  return start(evidence, payload, starts.tokens);
}

/** Clusters that have their row and are not proven yet. */
function inFlight({ state, rollout, evidence }: RolloutMoment): number {
  let count = 0;
  for (const [uid, { phase }] of rollout.clusters) {
    if (phase.kind !== 'issued') continue;
    const { kind } = judgeCluster(state, rollout, evidence, uid);
    if (kind !== 'proven' && kind !== 'excluded') count += 1;
  }
  return count;
}
