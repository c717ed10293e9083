import type { RawEvent } from '../raw-log.ts';
import type { ToldRow } from '../told.ts';
import { must } from '../violation.ts';
import { isOverBudget } from './failure-budget.ts';
import { type Judge, judgeOf, mayBeExcluded, runningOf, type Scene } from './judge.ts';
import { deadlineOf, graceMs } from './silence.ts';
import { entryOf } from './waves.ts';

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
      const deadlineMs = deadlineOf(rollout, row);
      const afterMs = raw.storedAtMs - row.storedAtMs;
      must(afterMs >= deadlineMs + graceMs - skewMs, 'I16', () => `${what()} after ${afterMs} ms already`);
      judgeSilence({ cluster, placement, row }, scene, what);
      judgeOutage(raw, scene, what);
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

/** I16: who could be heard all the time, and said how the row went, was not silent. */
function judgeSilence(
  about: { readonly cluster: string; readonly placement: string; readonly row: ToldRow },
  { world }: Scene,
  what: () => string,
): void {
  const { cluster, placement, row } = about;
  const beforeMs = world.time.nowMs - 60_000;
  const hasSaid = world.truth.everSaid(
    cluster,
    (one) => one.atMs <= beforeMs && entryOf(one, placement, row) !== undefined,
  );
  const text = () => `${what()}, but it said how row ${row.version.seq} went and could be heard all the time`;
  must(!(hasSaid && world.isSound(cluster, graceMs)), 'I16', text);
}

/** I16: an outage of bus or hub is not a cluster's silence. */
function judgeOutage({ event: { actor } }: RawEvent, { world }: Scene, what: () => string): void {
  const process = actor.kind === 'hub' ? actor.process : '';
  const hub = world.hubs.find((one) => one?.name === process);
  const wellMs = world.time.nowMs - Math.max(world.busUpSinceMs, hub?.startedAtMs ?? 0);
  must(
    wellMs >= graceMs - skewMs,
    'I16',
    () => `${what()} ${wellMs} ms after the bus, or ${process}, came back`,
  );
}

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
