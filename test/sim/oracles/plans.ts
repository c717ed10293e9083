import type { Amount } from '@flotilla/shared/model';
import type { Ledger } from '../ledger.ts';
import type { Adoption } from '../told.ts';
import { must } from '../violation.ts';
import { maxWithdrawPercent } from '../wish.ts';
import { type Judge, judgeOf, type Said } from './judge.ts';

/** I7: waves are a partition of the targets, in the order of the stages, and none is larger than its stage allows. */
export const planIsWhole: Judge = judgeOf(['rollout-planned'], ({ decision, scene }) => {
  const { rollout, strategy, targets, waves } = decision;
  const all = waves.flatMap(({ clusters }) => clusters);
  const isPartition = new Set(all).size === all.length && all.every((uid) => targets[uid] !== undefined);
  must(
    isPartition && all.length === Object.keys(targets).length,
    'I7',
    () => `the waves of ${rollout} are no partition of its targets`,
  );
  for (const [index, wave] of waves.entries()) {
    must(
      index === 0 || wave.stage >= (waves[index - 1]?.stage ?? 0),
      'I13',
      () => `wave ${index} of ${rollout} goes back to an earlier stage`,
    );
    const label = strategy.stages[wave.stage]?.oneDomainAtATime;
    const domains = wave.clusters.map((uid) => label && scene.world.truth.labelOf(uid, label));
    must(new Set(domains).size <= 1, 'I2', () => `wave ${index} of ${rollout} mixes ${domains.join(' ')}`);
    const max = strategy.stages[wave.stage]?.waves.max;
    const most = max === undefined ? all.length : cap(max, all.length);
    must(
      wave.clusters.length <= most,
      'I2',
      () => `wave ${index} of ${rollout} has ${wave.clusters.length} clusters, more than ${most}`,
    );
  }
  const isCanary = strategy.stages[0]?.select.kind === 'canary';
  must(
    !isCanary || waves.length === 0 || waves[0]?.stage === 0,
    'I13',
    () => `${rollout} leaves its canary out`,
  );
});

/** I11, I23: a plan is for clusters that run something else, and never for what is rejected. */
export const planChanges: Judge = judgeOf(['rollout-planned'], ({ decision, told }) => {
  const { rejects, release, rollout, targets } = decision;
  for (const [uid, target] of Object.entries(targets)) {
    const row = told.rows.get(uid);
    const before = row?.target.kind === 'variant' ? row.target.digest : undefined;
    must(
      target.kind === 'removal' || before !== target.digest,
      'I23',
      () => `${rollout} gives ${uid} what it has`,
    );
    must(
      target.kind === 'variant' || before !== undefined,
      'I23',
      () => `${rollout} takes from ${uid} what it does not have`,
    );
  }
  const rejected = rejects?.release ?? told.rejected?.release;
  must(
    release === undefined || release.digest !== rejected,
    'I11',
    () => `${rollout} plans the release that was rejected`,
  );
});

/** I11: a rejection ends by a person, or because Git asks for another release since. */
export const liftsForCause: Judge = judgeOf(['rejection-lifted'], (said) => {
  const { decision, placement, raw, scene, told } = said;
  if (raw.event.actor.kind === 'person' || told.rejected?.release !== decision.release) return;
  const since = adoptionsSince(scene.ledger, told.rejected.event.event.expectedSeq);
  const before = releaseTree(said);
  const hasOther = since.some((one) => {
    const { tree, wish } = scene.world.truth.meaning(one, placement);
    return wish !== undefined && tree !== before;
  });
  must(
    hasOther,
    'I11',
    () =>
      `${placement}: the rejection is lifted, but Git asks for nothing else since ${told.rejected?.event.seq}`,
  );
});

function releaseTree({ decision, told }: Said<'rejection-lifted'>): string | undefined {
  for (const { plan } of told.rollouts.values()) {
    if (plan.release?.digest !== decision.release) continue;
    const variant = Object.values(plan.variants)[0];
    if (variant !== undefined) return variant.content.trees[0]?.treeId;
  }
  return undefined;
}

/** The adoption that was in force at a place of the log, and those after it. */
function adoptionsSince(ledger: Ledger, seq: number): readonly Adoption[] {
  const first = ledger.adoptions.findLastIndex((one) => one.seq <= seq);
  return ledger.adoptions.slice(Math.max(0, first));
}

/** I18: a removal rests on a commit in force that asks for it; of many clusters, also on a person. */
export const removesForCause: Judge = judgeOf(['rollout-planned'], (said) => {
  const { decision, placement, scene, told } = said;
  if (decision.rolloutKind !== 'withdraw') return;
  const { cause, rollout, targets } = decision;
  must(cause.kind === 'commit', 'I18', () => `${rollout} removes without a commit that asks for it`);
  const adoption = scene.ledger.adoptions.findLast(({ payload }) => payload.commit.id === cause.commit);
  must(adoption !== undefined, 'I18', () => `${rollout} removes for a commit that was never in force`);
  const meaning = scene.world.truth.meaning(adoption, placement);
  const uids = Object.keys(targets);
  for (const uid of uids)
    must(
      !meaning.wants(uid),
      'I18',
      () => `${rollout} removes from ${scene.world.truth.nameOf(uid)}, which commit ${cause.commit} wants`,
    );
  const running = [...told.rows].filter(([, row]) => row.target.kind === 'variant').map(([uid]) => uid);
  const most = Math.max(1, Math.floor((maxWithdrawPercent * scene.world.truth.registered.most) / 100));
  const isMany = uids.length > most || running.every((uid) => uids.includes(uid));
  must(
    !isMany || uids.every((uid) => told.approved.has(uid)),
    'I18',
    () => `${rollout} removes from ${uids.length} of ${running.length} clusters, and nobody agreed`,
  );
});

/** I18: a person agrees, not the hub. */
export const peopleAgree: Judge = judgeOf(['withdraw-approved'], ({ placement, raw }) => {
  must(raw.event.actor.kind === 'person', 'I18', () => `${placement}: the hub itself agrees to a removal`);
});

/** I18: a commit that breaks off the history, or empties the repository, comes into force only when a person says so. */
export const adoptsForCause: Judge = ({ event: { payload } }, { ledger, world }) => {
  if (payload.kind !== 'control-adopted') return;
  const before = ledger.adoptions.at(-1)?.payload.commit.id;
  const { id } = payload.commit;
  const isAccepted = ledger.accepted.some((one) => one.commit === id);
  must(
    isAccepted || world.repository.isFastForward(before, id),
    'I18',
    () => `commit ${id} comes into force though it does not follow ${before}, and nobody accepted it`,
  );
  // On top of an empty commit, which somebody accepted when it came into force, an empty one takes nothing away.
  const isEmptied = !world.repository.isEmpty(before) && world.repository.isEmpty(id);
  must(isAccepted || !isEmptied, 'I18', () => `commit ${id} empties the repository, and nobody accepted it`);
  for (const [path, blob] of Object.entries(payload.files))
    must(
      world.repository.placementIn(blob)?.isBroken !== true,
      'I18',
      () => `${path} is in force with a content that cannot be read`,
    );
};

function cap(amount: Amount, of: number): number {
  return Math.max(1, amount.kind === 'count' ? amount.count : Math.floor((amount.percent * of) / 100));
}
