import { must } from '../violation.ts';
import { isUngated } from './failure-budget.ts';
import { type Judge, judgeOf, mayBeExcluded, runningOf } from './judge.ts';
import { entryOf } from './waves.ts';

/**
 * J5: nothing new begins while a hub has it from a cluster that it can hear that what the same rollout gave it is unwell, and that
 * stands not in the log as a failure, where it counts against the budget.
 */
export const countsUnwell: Judge = judgeOf(
  ['wave-opened', 'clusters-started', 'rollout-succeeded'],
  (said) => {
    const { placement, raw, scene, told } = said;
    const rollout = runningOf(said, 'J5');
    const { actor } = raw.event;
    const { world } = scene;
    if (isUngated(rollout) || actor.kind !== 'hub') return;
    for (const [uid, phase] of rollout.phases) {
      const row = told.rows.get(uid);
      if (phase.kind !== 'issued' || row === undefined || mayBeExcluded(scene, { uid, rollout, row }))
        continue;
      if (!world.isSound(uid, soundMs)) continue;
      const had = world.heard.lately(actor.process, uid, lookedMs);
      const newest = world.truth.newestSaid(uid, world.time.nowMs)?.version;
      const isUnwell = had.every((one) => {
        const state = entryOf(one, placement, row);
        return one.version === newest && (state === 'Degraded' || state === 'Stalled');
      });
      const text = () =>
        `${said.decision.kind} of ${rollout.plan.rollout}, though ${actor.process} has it from ${world.truth.nameOf(uid)} that it is unwell`;
      must(had.length === 0 || !isUnwell, 'J5', text);
    }
  },
);

/** Heartbeats and what hubs tell each other come every ten seconds: so long without trouble, and every hub knows who is there. */
const soundMs = 25_000;
/** A hub decides by what it had so long ago: a batch of decisions is stored one by one. */
const lookedMs = 5_000;
