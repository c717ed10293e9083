import type { EventId } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { onTestFinished } from 'vitest';
import { type MemoryDecisionLog, memoryDecisionLog } from '../../../test/fakes/index.ts';
import type { World } from '../core/rollout/rollout-fixture.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { Fleet } from './fleet.ts';
import { placementSubject } from './fleet-state.ts';
import { ingestDecisions } from './ingest.ts';

/** A signal that is never aborted. */
export const never = new AbortController().signal;
const subject = placementSubject(placement);

/** An event id that no other number has. */
export function idOf(number: number, prefix = 'w'): EventId {
  const letters = [...String(number)].map((digit) => 'abcdefghij'[Number(digit)]);
  return `${prefix}${letters.join('')}`.padEnd(26, 'z') as EventId;
}

/** Names of the clusters of `worldUnderWay`. */
export const threeClusters = ['eu-1', 'eu-2', 'eu-3'];

/** A log that holds what a world decided. */
export async function logOf(world: World): Promise<MemoryDecisionLog> {
  const log = memoryDecisionLog(manualClock());
  for (const { event, seq } of world.log) await log.append(subject, { ...event, id: idOf(seq) }, never);
  return log;
}

/** A hub process on a log that others may write too, as far as operations use it. */
export async function startHub(log: MemoryDecisionLog, world: World, name = 'hub-1') {
  const clock = manualClock();
  const fleet = new Fleet();
  let events = 0;
  const newEventId = () => {
    events += 1;
    return idOf(events, `${name.endsWith('1') ? 'b' : 'c'}x`);
  };
  const deps = {
    fleet,
    decisions: log,
    clock,
    newEventId,
    healthySinceMs: () => 0,
    actor: { kind: 'hub', process: name } as const,
  };
  const stopping = new AbortController();
  // Of the three streams only the log is followed here.
  const ingest = { ...deps, random: undefined, log: silentLogger, onLogFlow: () => {} } as never;
  const following = ingestDecisions(ingest, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await following;
  });
  for (const { cluster } of world.clusters.values()) fleet.setRegistration(cluster.uid, cluster, 0);
  fleet.registryRead();
  if (!fleet.isReady) {
    await new Promise<void>((resolve) => {
      const remove = fleet.onReady.add(() => {
        remove();
        resolve();
      });
    });
  }
  return { deps, fleet };
}

/** What stands in a log, by kind. */
export async function kindsIn(log: MemoryDecisionLog, after = 0): Promise<readonly string[]> {
  const kinds: string[] = [];
  for await (const item of log.follow(after + 1, never)) {
    if ('kind' in item) return kinds;
    kinds.push(item.event.payload.kind);
  }
  return kinds;
}

/** A world whose second release is out on the canary. */
export function worldUnderWay(): World {
  const world = stableWorld(threeClusters);
  world.push('two');
  world.settle();
  return world;
}
