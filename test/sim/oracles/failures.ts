import { must } from '../violation.ts';
import { isOverBudget } from './failure-budget.ts';
import { type Judge, judgeOf, mayBeExcluded, runningOf } from './judge.ts';
import { entryOf } from './waves.ts';

/** After a row's deadline, so long of silence is the cluster's fault (decisions, "Time"). */
const graceMs = 300_000;
/** A removal carries no deadline of its own. */
const removalDeadlineMs = 600_000;
/** Hubs' clocks may be apart by so much. */
const skewMs = 5_000;

/** I1, I16: a cluster fails by its agent's word of exactly its row; by silence only after its deadline and the grace. */
export const failsForCause: Judge = judgeOf(
  ['cluster-failed'],
  ({ decision, placement, raw, scene, told }) => {
    const rollout = runningOf({ decision, placement, scene }, 'I1');
    const { cluster, failure } = decision;
    const row = told.rows.get(cluster);
    const what = () => `${scene.world.truth.nameOf(cluster)} fails (${failure}) in ${rollout.plan.rollout}`;
    must(row?.rollout === rollout.plan.rollout, 'I1', () => `${what()}, which gave it no row`);
    if (failure === 'lost') {
      const variant = row.target.kind === 'variant' ? rollout.plan.variants[row.target.digest] : undefined;
      const deadlineMs =
        variant?.health.deadlineMs ?? (row.target.kind === 'removal' ? removalDeadlineMs : 0);
      const afterMs = raw.storedAtMs - row.storedAtMs;
      must(afterMs >= deadlineMs + graceMs - skewMs, 'I16', () => `${what()} after ${afterMs} ms already`);
      return;
    }
    const isBad = scene.world.truth.everSaid(cluster, (one) => {
      const state = entryOf(one, placement, row);
      if (state === 'Degraded' || state === 'Stalled') return true;
      const entry = one.report.assignments.find((each) => each.placement === placement);
      return state !== undefined && entry?.deadlinePassed === true;
    });
    must(isBad, 'I1', () => `${what()}, but its agent never said so of row ${row.version.seq}`);
  },
);

/** I17: the hub halts a rollout over its failure budget, of which joiners are no share, or when nobody of a wave became Ready. */
export const haltsForCause: Judge = judgeOf(['rollout-halted'], (said) => {
  const rollout = runningOf(said, 'I17');
  if (isOverBudget(rollout)) return;
  const wave = Math.max(-1, ...rollout.opened.keys());
  const left = (rollout.plan.waves[wave]?.clusters ?? []).filter((uid) => {
    const phase = rollout.phases.get(uid)?.kind;
    const row = said.told.rows.get(uid);
    return phase !== 'failed' && phase !== 'deferred' && !mayBeExcluded(said.scene, { uid, rollout, row });
  });
  must(
    wave >= 0 && left.length === 0,
    'I17',
    () => `${rollout.plan.rollout} halts within its budget: ${said.decision.text}`,
  );
});

/** I1: nothing begins, and nothing succeeds, over the failure budget. */
export const stopsOverBudget: Judge = judgeOf(
  ['wave-opened', 'clusters-started', 'rollout-succeeded'],
  (said) => {
    const rollout = runningOf(said, 'I1');
    must(
      !isOverBudget(rollout),
      'I1',
      () => `${said.decision.kind} of ${rollout.plan.rollout} over its failure budget`,
    );
  },
);
