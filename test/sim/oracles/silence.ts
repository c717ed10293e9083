import type { ToldRollout, ToldRow } from '../told.ts';
import { must } from '../violation.ts';
import { wallStartMs } from '../virtual-time.ts';
import { mayHaveLeft, type Scene } from './judge.ts';
import { entryOf } from './waves.ts';

/** After a row's deadline, so long of silence is the cluster's fault (decisions, "Time"). */
export const graceMs = 300_000;
/** A removal carries no deadline of its own. */
const removalDeadlineMs = 600_000;
/** Ticks come every ten seconds, looks may wait for their backoff. */
const lateMs = 60_000;
/** When more than these are gone together, a hub doubts itself and not them. */
const silentMax = 1;

/** How long a row may take. */
export function deadlineOf({ plan }: ToldRollout, { target }: ToldRow): number {
  if (target.kind === 'removal') return removalDeadlineMs;
  return plan.variants[target.digest]?.health.deadlineMs ?? 0;
}

/** By when every hub that runs must take a cluster for lost of which it hears nothing; as much later as ticks and looks may take. */
export function lostByMs(
  { world }: Scene,
  { rollout, row, uid }: { readonly rollout: ToldRollout; readonly row: ToldRow; readonly uid: string },
): number {
  const agent = [...world.agents.values()].find((one) => one.uid === uid);
  // Where no hub runs nobody counts the time.
  const hubSinceMs = Math.min(...world.hubs.map((hub) => hub?.startedAtMs ?? Number.POSITIVE_INFINITY));
  const dueAtMs = row.storedAtMs - wallStartMs + deadlineOf(rollout, row);
  const saidAtMs = world.truth.newestSaid(uid, world.time.nowMs)?.atMs ?? 0;
  // Where frames get lost hubs do not hear each other either: a process that misses another one, and with it most clusters, doubts itself.
  const isWild = world.weather.wildShare > 0;
  const troubleAtMs = isWild ? world.time.nowMs : Math.max(world.troubleAtMs, agent?.troubleAtMs ?? 0);
  return Math.max(dueAtMs, hubSinceMs, troubleAtMs, saidAtMs) + graceMs + lateMs;
}

/**
 * I16: a cluster that nobody can hear of since before its row, while nothing else is wrong, has failed when its deadline and the
 * grace are over, be it of a wave that waits for it or admitted outside of one. Looked at between events.
 */
export function judgeSilent({ ledger, world }: Scene): void {
  const silent = [...world.agents.values()].filter(({ state }) => state === undefined);
  if (silent.length === 0 || silent.length > silentMax || !world.log.isAvailable) return;
  for (const [placement, { active, rows, withdraw }] of ledger.placements) {
    for (const rollout of [active, withdraw]) {
      if (rollout === undefined || rollout.isHalted) continue;
      for (const { name, uid } of silent) {
        const row = rows.get(uid);
        if (rollout.phases.get(uid)?.kind !== 'issued' || row?.rollout !== rollout.plan.rollout) continue;
        // Whose wave has passed was proven: its silence is seen as Unknown, not as a failure.
        if (rollout.proven.get(uid) === row.version.seq) continue;
        if (mayHaveLeft({ ledger, world }, { uid, rollout })) continue;
        if (world.truth.everSaid(uid, (one) => entryOf(one, placement, row) !== undefined)) continue;
        const overMs = world.time.nowMs - lostByMs({ ledger, world }, { rollout, row, uid });
        const text = () =>
          `${name} is silent in ${rollout.plan.rollout}, and has not failed ${overMs} ms after it should have`;
        must(overMs < 0, 'I16', text);
      }
    }
  }
}
