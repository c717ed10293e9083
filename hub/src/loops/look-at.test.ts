import { type PlacementName, seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { zeroDigest } from '@flotilla/shared/model';
import { expect, it, onTestFinished } from 'vitest';
import type { MemoryDecisionLog } from '../../../test/fakes/index.ts';
import { changeWindows } from '../core/index.ts';
import { person, placement } from '../core/rollout/samples-fixture.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { idOf, kindsIn, logOf, never, startHub, threeClusters } from './deciding-hub-fixture.ts';
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

it('I4: what a look decided is appended behind what it has judged, not behind what somebody decided meanwhile', async () => {
  const world = stableWorld(threeClusters);
  world.push('two');
  world.settle();
  world.everybodyIsWell();
  world.settle();
  const log = await logOf(world);
  const { deps, fleet } = await startHub(log, world);
  fleet.setRules({ adoptedSeq: 0, caps: { max: 10, perClusterMax: 30 }, windows: changeWindows([]) });
  const begun = log.size;
  const tried: number[] = [];
  const meddled: MemoryDecisionLog = Object.create(log, {
    append: {
      value: async (...given: Parameters<typeof log.append>) => {
        const [subject, event, signal] = given;
        tried.push(event.expectedSeq);
        const outcome = await log.append(...given);
        if (tried.length > 1 || outcome.kind !== 'appended') return outcome;
        // A person is faster than the second decision of the look.
        const rollout = world.state.active!.id;
        const payload = { kind: 'rollout-paused', rollout, paused: true } as const;
        const theirs = { ...event, id: idOf(1, 'p'), actor: person, expectedSeq: outcome.seq, payload };
        await log.append(subject, theirs, signal);
        return outcome;
      },
    },
  });
  const stopping = new AbortController();
  const random = seededRandom(1);
  const loop = startRollouts({ ...deps, decisions: meddled, random, log: silentLogger }, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await loop.ended;
  });
  for (const name of world.holding('two')) world.says(name, { state: 'Degraded' });
  for (const [uid, { report }] of world.clusters) {
    if (report === undefined) continue;
    const said = { incarnation: 1, seq: 1, heldDigest: zeroDigest, madeAtMs: 0, trimmed: [] };
    fleet.foldReport(uid, { ...said, facts: noFacts, assignments: [report] }, 0);
    fleet.foldPresence(uid, { presence: 'connected', announced: { incarnation: 1, seq: 1 } }, 0);
  }
  fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });
  for (let turn = 0; turn < 20; turn += 1) await deps.clock.advance(1);

  expect(tried.slice(0, 2)).toEqual([begun, begun + 1]);
  expect((await kindsIn(log, begun)).slice(0, 2)).toEqual(['cluster-failed', 'rollout-paused']);
});

const noFacts = {
  kubernetes: 'v1.36.0',
  nodes: 1,
  agent: '0.1.0',
  isSimulated: false,
  fetchRungs: {},
  inventoryParent: '',
  more: {},
};
