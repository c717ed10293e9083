import type { RawEvent } from '../raw-log.ts';
import type { ToldRow } from '../told.ts';
import { must } from '../violation.ts';
import { wallStartMs } from '../virtual-time.ts';
import { isOverBudget } from './failure-budget.ts';
import { type Judge, judgeOf, mayBeExcluded, mayHaveLeft, runningOf, type Scene } from './judge.ts';
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

/**
 * I16: a cluster that nobody can hear of since before its row, while nothing else is wrong, has failed when its deadline and the
 * grace are over, and as much again as ticks and looks may take. Looked at between events.
 */
export function judgeSilent({ ledger, world }: Scene): void {
  const silent = [...world.agents.values()].filter(({ state }) => state === undefined);
  if (silent.length === 0 || silent.length > silentMax || !world.log.isAvailable) return;
  // Where no hub runs nobody counts the time.
  const hubSinceMs = Math.min(...world.hubs.map((hub) => hub?.startedAtMs ?? Number.POSITIVE_INFINITY));
  if (!Number.isFinite(hubSinceMs)) return;
  for (const [placement, { active, rows, withdraw }] of ledger.placements) {
    for (const rollout of [active, withdraw]) {
      const wave = Math.max(-1, ...(rollout?.opened.keys() ?? []));
      if (rollout === undefined || rollout.passed.has(wave) || rollout.isHalted) continue;
      for (const { name, troubleAtMs, uid } of silent) {
        const row = rows.get(uid);
        if (rollout.phases.get(uid)?.kind !== 'issued' || row?.rollout !== rollout.plan.rollout) continue;
        // Who joined outside the plan is in no wave, and no wave waits for it: its silence is seen as Unknown, not as a failure.
        if (!rollout.plan.waves.some(({ clusters }) => clusters.includes(uid))) continue;
        if (mayHaveLeft({ ledger, world }, { uid, rollout })) continue;
        if (world.truth.everSaid(uid, (one) => entryOf(one, placement, row) !== undefined)) continue;
        const variant = row.target.kind === 'variant' ? rollout.plan.variants[row.target.digest] : undefined;
        const issuedAtMs = row.storedAtMs - wallStartMs + (variant?.health.deadlineMs ?? removalDeadlineMs);
        const overMs =
          world.time.nowMs - Math.max(issuedAtMs, hubSinceMs, world.troubleAtMs, troubleAtMs) - graceMs;
        const text = () =>
          `${name} is silent in ${rollout.plan.rollout}, and has not failed ${overMs} ms after it should have`;
        must(overMs < lateMs, 'I16', text);
      }
    }
  }
}

/** When more than these are gone together, a hub doubts itself and not them. */
const silentMax = 1;
/** Ticks come every ten seconds, looks may wait for their backoff. */
const lateMs = 60_000;

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
