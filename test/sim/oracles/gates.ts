import { adoptedRollout } from '../told.ts';
import { must } from '../violation.ts';
import { type Judge, judgeOf, runningOf, startedBy } from './judge.ts';

/** I9: what comes after a stage that asks for a person begins only with a yes to exactly this rollout and stage, given after the stage. */
export const approvedFirst: Judge = judgeOf(['wave-opened', 'rollout-succeeded'], (said) => {
  const rollout = runningOf(said, 'I9');
  const { plan } = rollout;
  const next = said.decision.kind === 'wave-opened' ? said.decision.stage : plan.strategy.stages.length;
  for (const [stage, { after }] of plan.strategy.stages.entries()) {
    if (stage >= next || after.length === 0) continue;
    const isReached = plan.waves.some((one, index) => one.stage > stage && rollout.opened.has(index));
    if (isReached) continue;
    const yes = rollout.approvals.get(stage);
    must(yes !== undefined, 'I9', () => `${plan.rollout} goes beyond stage ${stage} without approval`);
    must(
      said.raw.storedAtMs - yes.storedAtMs <= 72 * 3_600_000 + 5_000,
      'I9',
      () => `${plan.rollout} goes on an approval that is too old`,
    );
  }
});

/** I9: an approval is a person's, of a rollout that runs, once what comes before has passed. */
export const approvesInTime: Judge = judgeOf(['stage-approved'], (said) => {
  const rollout = runningOf(said, 'I9');
  const { stage } = said.decision;
  const { plan } = rollout;
  must(
    said.raw.event.actor.kind === 'person',
    'I9',
    () => `no person approves stage ${stage} of ${plan.rollout}`,
  );
  const before = plan.waves.flatMap((one, index) => (one.stage <= stage ? [index] : []));
  must(
    !rollout.isHalted && before.every((wave) => rollout.passed.has(wave)),
    'I9',
    () => `stage ${stage} of ${plan.rollout} is approved before it has passed`,
  );
});

/** I11: what was rolled back is given to nobody until somebody lifted it. */
export const keepsRejected: Judge = judgeOf(
  ['wave-opened', 'clusters-started', 'clusters-admitted'],
  (said) => {
    const { decision, told } = said;
    const rollout = runningOf(said, 'I11');
    if (told.rejected === undefined || startedBy(decision).length === 0) return;
    const isStable = decision.kind === 'clusters-admitted' && decision.basis === 'joined-stable';
    const release = isStable ? rollout.plan.stable?.digest : rollout.plan.release?.digest;
    must(
      release !== told.rejected.release,
      'I11',
      () =>
        `${rollout.plan.rollout} gives clusters the release that was rejected at ${told.rejected?.event.seq}`,
    );
  },
);

/**
 * I12: a rollback that succeeds leaves nobody behind whom it could reach. Whom a withdraw took meanwhile, because Git did not
 * want it there any more, has nothing left that could be taken back. Whose row was written down again, or forgotten, after the log's
 * loss runs what came later than the rollback did: it is the next plan's.
 */
export const rollsBackAll: Judge = judgeOf(['rollout-succeeded'], (said) => {
  const rollout = runningOf(said, 'I12');
  if (rollout.plan.rolloutKind !== 'rollback') return;
  for (const uid of Object.keys(rollout.plan.targets)) {
    const row = said.told.rows.get(uid);
    const isBack = row?.release === rollout.plan.release?.digest;
    const phase = rollout.phases.get(uid);
    const isOfLostLog =
      said.scene.world.raw.losses > 0 && (row === undefined || row.rollout === adoptedRollout);
    must(
      isBack ||
        row?.target.kind === 'removal' ||
        phase?.kind === 'deferred' ||
        isOfLostLog ||
        said.scene.world.truth.wasEverGone(uid),
      'I12',
      () => `${rollout.plan.rollout} succeeds without ${said.scene.world.truth.nameOf(uid)}`,
    );
  }
});
