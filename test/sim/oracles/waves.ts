import type { ClusterUid } from '@flotilla/shared/base';
import { compareVersions } from '@flotilla/shared/model';
import type { Said as Report } from '../reports.ts';
import type { ToldRollout, ToldRow } from '../told.ts';
import { must } from '../violation.ts';
import { wallStartMs } from '../virtual-time.ts';
import { isOverBudget, isUngated } from './failure-budget.ts';
import {
  type Judge,
  judgeOf,
  mayBeExcluded,
  mayHaveLeft,
  runningOf,
  type Said,
  type Scene,
} from './judge.ts';

/** I4: one event opens a wave, whoever else tried. */
export const opensOnce: Judge = judgeOf(['wave-opened'], (said) => {
  const rollout = runningOf(said, 'I4');
  const { clusters, deferred, stage, wave } = said.decision;
  must(!rollout.opened.has(wave), 'I4', () => `wave ${wave} of ${rollout.plan.rollout} opens a second time`);
  const planned = rollout.plan.waves[wave];
  must(planned?.stage === stage, 'I4', () => `wave ${wave} is of stage ${planned?.stage}, not ${stage}`);
  for (const uid of [...clusters, ...Object.keys(deferred)])
    must(
      planned?.clusters.some((one) => one === uid),
      'I4',
      () => `${uid} is not of wave ${wave}`,
    );
});

/** I1, I13: a wave opens only after each one before it has passed, in this rollout. */
export const opensInOrder: Judge = judgeOf(['wave-opened'], (said) => {
  const rollout = runningOf(said, 'I1');
  const { wave } = said.decision;
  for (let before = 0; before < wave; before += 1)
    must(
      rollout.passed.has(before),
      'I1',
      () => `wave ${wave} of ${rollout.plan.rollout} opens, but wave ${before} has not passed`,
    );
  must(
    wave === 0 || !rollout.isHalted,
    'I3',
    () => `wave ${wave} of ${rollout.plan.rollout} opens though it is halted`,
  );
});

/** I3, I20: what is halted or paused gives nobody anything new. */
export const standsStill: Judge = judgeOf(
  ['wave-opened', 'clusters-started', 'clusters-admitted'],
  (said) => {
    const rollout = runningOf(said, 'I3');
    const { decision } = said;
    const isStable = decision.kind === 'clusters-admitted' && decision.basis === 'joined-stable';
    const what = () => `${decision.kind} of ${rollout.plan.rollout}`;
    must(isStable || !rollout.isHalted, 'I3', () => `${what()} after it was halted`);
    must(!rollout.isPaused, 'I20', () => `${what()} while it is paused`);
  },
);

/** I1: a wave passes only on Ready (or Removed) of exactly the row, said by the agent itself and soaked; or failed; or deferred. */
export const passesOnEvidence: Judge = judgeOf(['wave-passed'], (said) => {
  const { decision, raw, scene, told } = said;
  const rollout = runningOf(said, 'I1');
  const { wave } = decision;
  must(
    rollout.opened.has(wave),
    'I1',
    () => `wave ${wave} of ${rollout.plan.rollout} passes, but never opened`,
  );
  must(!rollout.passed.has(wave), 'I4', () => `wave ${wave} of ${rollout.plan.rollout} passes twice`);
  must(!rollout.isHalted, 'I3', () => `wave ${wave} of ${rollout.plan.rollout} passes though it is halted`);
  const counts = { proven: 0, failed: 0, left: 0, deferred: 0 };
  for (const uid of rollout.plan.waves[wave]?.clusters ?? []) {
    const phase = rollout.phases.get(uid);
    const row = told.rows.get(uid);
    const version = raw.event.evidence?.reports[uid];
    if (phase?.kind === 'deferred')
      counts.deferred += isComingBack(phase.reason) && !mayHaveLeft(scene, { uid, rollout }) ? 1 : 0;
    else if (phase?.kind === 'failed') {
      counts.failed += 1;
      counts.left += mayHaveLeft(scene, { uid, rollout }) ? 1 : 0;
    } else if (row !== undefined && version !== undefined && isProven(said, { rollout, row, uid, version }))
      counts.proven += 1;
    else
      must(mayBeExcluded(scene, { uid, rollout, row }), 'I1', () => {
        const text = `wave ${wave} of ${rollout.plan.rollout} passes on ${scene.world.truth.nameOf(uid)}`;
        return `${text}, whose report ${version ?? '(none)'} does not prove row ${row?.version.seq}`;
      });
  }
  judgeSamples({ rollout, wave, scene }, counts);
});

function isProven(
  { decision: { stage, wave }, placement, raw, scene }: Said<'wave-passed'>,
  about: {
    readonly rollout: ToldRollout;
    readonly row: ToldRow;
    readonly uid: string;
    readonly version: string;
  },
): boolean {
  const { rollout, row, uid, version } = about;
  const fullMs = row.target.kind === 'removal' ? 0 : (rollout.plan.strategy.stages[stage]?.soakMs ?? 0);
  const { release } = rollout.plan;
  const isUrgent = release !== undefined && scene.ledger.of(placement).urgent.has(release.digest);
  const soakMs = isUrgent ? Math.min(fullMs, Math.max(60_000, fullMs / 5)) : fullMs;
  const isPromoted = rollout.promotedWave === wave;
  const said = scene.world.truth.said(uid, version);
  const found = said.filter(
    (one) => entryOf(one, placement, row) === (row.target.kind === 'removal' ? 'Removed' : 'Ready'),
  );
  const soaked = found.filter(({ report }) => {
    const entry = report.assignments.find((one) => one.placement === placement);
    return isPromoted || (entry?.healthyForMs ?? 0) >= soakMs;
  });
  if (soaked.length === 0) return false;
  judgeFresh(
    scene.world.truth.newestSaid(uid, raw.storedAtMs - wallStartMs - staleMsOf(scene, uid)),
    soaked,
    () => {
      return `wave ${wave} of ${rollout.plan.rollout} passes on ${version} of ${scene.world.truth.nameOf(uid)}, which had said worse since`;
    },
    { placement, row },
  );
  return true;
}

/** I8: an agent that said worse of the row so long ago that its heartbeat has long named that report is no evidence. */
function judgeFresh(
  newest: Report | undefined,
  used: readonly Report[],
  text: () => string,
  { placement, row }: { readonly placement: string; readonly row: ToldRow },
): void {
  if (newest === undefined || used.some((one) => one.atMs >= newest.atMs)) return;
  const state = entryOf(newest, placement, row);
  must(state === 'Ready' || state === 'Removed' || state === undefined, 'I8', text);
}

/**
 * Longest that a hub may call a cluster fresh that has said something newer: until its next heartbeat where nothing is
 * wrong; else stream and gossip times, and the worst of the weather.
 */
function staleMsOf({ world }: Scene, uid: string): number {
  return world.isSound(uid, soundMs) ? 15_000 : 75_000;
}

/** The state that a report gives of exactly this row; undefined = it speaks of none or another one. */
export function entryOf({ report }: Report, placement: string, row: ToldRow): string | undefined {
  const entry = report.assignments.find((one) => one.placement === placement);
  return entry !== undefined && compareVersions(entry.version, row.version) === 0 ? entry.state : undefined;
}

function isComingBack(reason: string): boolean {
  return reason === 'offline' || reason === 'cordoned' || reason === 'dependency';
}

/** Whether nothing can have made a hub believe that a cluster is away. */
function isSurelyHere({ world }: Scene, uid: string): boolean {
  const states = world.truth.registrations.get(uid as ClusterUid) ?? [];
  return !states.some((one) => one === undefined || one.isCordoned) && world.isSound(uid, soundMs);
}

/** Long enough that every hub has heard of a cluster that is there. */
const soundMs = 60_000;

interface Counts {
  readonly proven: number;
  readonly failed: number;
  /** Of the failed ones those that may be no target any more. */
  readonly left: number;
  readonly deferred: number;
}

/** I8: a wave needs real successes and enough samples; only the last one, or one of absent clusters, may end on what came before. */
function judgeSamples(
  about: { readonly rollout: ToldRollout; readonly wave: number; readonly scene: Scene },
  { deferred, failed, left, proven }: Counts,
): void {
  const { rollout, scene, wave } = about;
  const { strategy, waves } = rollout.plan;
  if (isUngated(rollout)) return;
  const what = () =>
    `wave ${wave} of ${rollout.plan.rollout} passes with ${proven} proven, ${failed} failed, ${deferred} deferred`;
  const hasBefore =
    [...rollout.passed.keys()].some((one) => one < wave) ||
    [...rollout.admitted.values()].includes('returned');
  // What comes after it may be out of reach as a whole: then nobody is to be protected.
  const later = waves.slice(wave + 1).flatMap(({ clusters }) => clusters);
  const isLast = !later.some((uid) => isSurelyHere(scene, uid));
  const isRemoval = rollout.plan.rolloutKind === 'withdraw';
  if (proven + failed + deferred === 0) {
    must(hasBefore || (isRemoval && isLast), 'I8', what);
    return;
  }
  // Perhaps nobody of it is left: then it passes on what was proven before.
  if (proven + failed - left + deferred === 0 && hasBefore) return;
  const needed = Math.ceil((strategy.minSamplesPercent * (proven + failed + deferred)) / 100);
  const isEnough = proven > 0 && proven + failed >= needed;
  const isAway = waves[wave]?.isAway === true && proven + failed === 0;
  must(isEnough || ((hasBefore || proven > 0) && (isLast || isAway)), 'I8', what);
  must(!isOverBudget(rollout), 'I1', () => `${what()}, which is over its failure budget`);
}
