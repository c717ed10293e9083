import { type PlacementName, seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { expect, it, onTestFinished } from 'vitest';
import type { MemoryDecisionLog } from '../../../test/fakes/index.ts';
import { changeWindows } from '../core/index.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { logOf, never, startHub, threeClusters } from './deciding-hub-fixture.ts';
import { startRollouts } from './rollout.ts';

it('placements of one process that begin together take from the budget one after the other, and none loses a race', async () => {
  const world = stableWorld(threeClusters);
  world.push('two');
  const log = await logOf(world);
  const { deps, fleet } = await startHub(log, world);
  for (const uid of world.clusters.keys())
    fleet.foldPresence(uid, { presence: 'connected', announced: undefined }, 0);
  fleet.setRules({ adoptedSeq: 0, caps: { max: 10, perClusterMax: 30 }, windows: changeWindows([]) });
  let refused = 0;
  const counted: MemoryDecisionLog = Object.create(log, {
    appendAll: {
      value: async (...given: Parameters<typeof log.appendAll>) => {
        const outcome = await log.appendAll(...given);
        if (!outcome.ok) refused += 1;
        return outcome;
      },
    },
  });
  const stopping = new AbortController();
  const random = seededRandom(1);
  const loop = startRollouts({ ...deps, decisions: counted, random, log: silentLogger }, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await loop.ended;
  });

  const placements = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => name as PlacementName);
  for (const name of placements)
    fleet.setPlacement(name, { spec: undefined, desired: world.desired, errors: [] });
  await deps.clock.advance(3_000);

  const rolling = placements.map((name) => fleet.placementOf(name).state.active?.status.kind);
  expect(rolling).toEqual(placements.map(() => 'open'));
  expect(refused).toBe(0);
  expect((await log.bounds(never)).lastSeq).toBeGreaterThan(2 * placements.length);
});
