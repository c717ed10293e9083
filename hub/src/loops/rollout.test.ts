import { seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { decisionFormat } from '@flotilla/shared/model';
import { expect, it, onTestFinished } from 'vitest';
import type { DesiredPlacement } from '../core/index.ts';
import { commitOf, hub, placement } from '../core/rollout/samples-fixture.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { controlSubject } from './append.ts';
import { idOf, kindsIn, logOf, never, startHub, threeClusters } from './deciding-hub-fixture.ts';
import { startRollouts } from './rollout.ts';

it('decides nothing by a look at Git that is older than the newest adoption in the log, and decides after the next look', async () => {
  const world = stableWorld(threeClusters);
  world.push('two');
  const log = await logOf(world);
  const { size } = log;
  const adopted = await log.append(
    controlSubject,
    {
      format: decisionFormat,
      id: idOf(1, 'k'),
      atMs: 0,
      actor: hub,
      expectedSeq: 0,
      evidence: undefined,
      payload: {
        kind: 'control-adopted',
        commit: commitOf(9),
        ref: 'main',
        sources: {},
        files: {},
        broken: {},
      },
    },
    never,
  );
  if (adopted.kind !== 'appended') throw new Error('the adoption was not stored');
  const { deps, fleet } = await startHub(log, world);
  for (const uid of world.clusters.keys())
    fleet.foldPresence(uid, { presence: 'connected', announced: undefined }, 0);
  const stopping = new AbortController();
  const random = seededRandom(1);
  const loop = startRollouts({ ...deps, random, log: silentLogger }, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await loop.ended;
  });
  const lookedAt = (adoptedSeq: number): DesiredPlacement =>
    world.desired.kind === 'release' ? { ...world.desired, adoptedSeq } : world.desired;

  fleet.setPlacement(placement, { spec: undefined, desired: lookedAt(size), errors: [] });
  await deps.clock.advance(1_000);
  expect(await kindsIn(log, adopted.seq)).toEqual([]);
  expect(fleet.placementOf(placement).notes.map(({ code }) => code)).toEqual(['Resolving']);

  fleet.setPlacement(placement, { spec: undefined, desired: lookedAt(adopted.seq), errors: [] });
  await deps.clock.advance(1_000);
  expect((await kindsIn(log, adopted.seq))[0]).toBe('rollout-planned');
});

it('leaves what is due to the process with the lease, but not for longer than ten seconds', async () => {
  const world = stableWorld(threeClusters);
  world.push('two');
  const log = await logOf(world);
  const { size } = log;
  const { deps, fleet } = await startHub(log, world);
  for (const uid of world.clusters.keys())
    fleet.foldPresence(uid, { presence: 'connected', announced: undefined }, 0);
  const stopping = new AbortController();
  const looking = { random: seededRandom(1), log: silentLogger, lease: { leavesItForMs: () => 60_000 } };
  const loop = startRollouts({ ...deps, ...looking }, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await loop.ended;
  });
  fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });

  await deps.clock.advance(9_000);
  expect(await kindsIn(log, size)).toEqual([]);
  await deps.clock.advance(2_000);
  expect((await kindsIn(log, size))[0]).toBe('rollout-planned');
});
