import { seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MemoryDecisionLog } from '../../../test/fakes/index.ts';
import { changeWindows } from '../core/index.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { logOf, never, startHub, threeClusters } from './deciding-hub-fixture.ts';
import { startRollouts } from './rollout.ts';

/** Clusters that the log starts, and those whose tokens it takes, in order. */
async function startsIn(log: MemoryDecisionLog, after: number) {
  const starts: string[] = [];
  const tokens: string[] = [];
  for await (const item of log.follow(after + 1, never)) {
    if ('kind' in item) break;
    const { payload } = item.event;
    if (payload.kind === 'wave-opened') starts.push(`${payload.rollout} ${payload.clusters.join(' ')}`);
    if (payload.kind === 'budget-changed')
      tokens.push(`${payload.takes.rollout} ${payload.takes.clusters.join(' ')}`);
  }
  return { starts, tokens };
}

it('I2: a hub that dies after any message leaves no cluster started without its token, and no token without its cluster', async () => {
  let started = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), async (messages) => {
      const world = stableWorld(threeClusters);
      world.push('two');
      const log = await logOf(world);
      const { size } = log;
      const { deps, fleet } = await startHub(log, world);
      for (const uid of world.clusters.keys())
        fleet.foldPresence(uid, { presence: 'connected', announced: undefined }, 0);
      fleet.setRules({ adoptedSeq: 0, caps: { max: 10, perClusterMax: 3 }, windows: changeWindows([]) });
      // From then on nothing that it sends arrives.
      let left = messages;
      const dying: MemoryDecisionLog = Object.create(log, {
        append: { value: (...given: Parameters<typeof log.append>) => sent(() => log.append(...given)) },
        appendAll: {
          value: (...given: Parameters<typeof log.appendAll>) => sent(() => log.appendAll(...given)),
        },
      });
      function sent<Answer>(request: () => Promise<Answer>): Promise<Answer> {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('the process is dead')) : request();
      }
      const stopping = new AbortController();
      const loop = startRollouts(
        { ...deps, decisions: dying, random: seededRandom(1), log: silentLogger },
        stopping.signal,
      );
      fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });
      for (let second = 0; second < 5; second += 1) await deps.clock.advance(1_000);
      stopping.abort();
      await loop.ended;
      const { starts, tokens } = await startsIn(log, size);
      expect(tokens).toEqual(starts);
      started += starts.length;
    }),
    { numRuns: 12 },
  );
  expect(started).toBeGreaterThan(0);
});
