import type { Digest } from '@flotilla/shared/base';
import { seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { expect, onTestFinished, test } from 'vitest';
import type { HeldClaim } from '../core/index.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { appendDecision, epochSubject } from './append.ts';
import { kindsIn, logOf, never, startHub, threeClusters } from './deciding-hub-fixture.ts';
import { startEpoch } from './epoch.ts';
import { startRollouts } from './rollout.ts';

type Held = HeldClaim & { readonly placement: typeof placement };

/** A hub on a log from which decisions are missing that agents have seen: each holds what Git asks for now, by a later row. */
async function startShortened(name = 'hub-1', log?: Awaited<ReturnType<typeof logOf>>) {
  const world = stableWorld(threeClusters);
  world.push('two');
  const shortened = log ?? (await logOf(world));
  const { deps, fleet } = await startHub(shortened, world, name);
  fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });
  const digest = world.desired.kind === 'release' ? [...world.desired.variants.keys()][0]! : ('' as Digest);
  const held: Held[] = [...world.clusters.keys()].map((cluster) => ({
    cluster,
    placement,
    version: { epoch: 1, seq: 900 },
    variantDigest: digest,
    eventHash: 'e'.repeat(64) as Digest,
  }));
  const stopping = new AbortController();
  const keeper = startEpoch({ ...deps, held: () => held, log: silentLogger }, stopping.signal);
  const loop = startRollouts({ ...deps, random: seededRandom(1), log: silentLogger }, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await Promise.all([keeper.ended, loop.ended]);
  });
  for (const uid of world.clusters.keys())
    fleet.foldPresence(uid, { presence: 'connected', announced: undefined }, 0);
  return { world, log: shortened, deps, fleet, keeper, held, digest };
}

test('a new fleet begins with epoch 1, written once', async () => {
  const { deps, fleet, log } = await startShortened();
  await deps.clock.advance(3_000);
  expect(fleet.epoch).toMatchObject({ epoch: 1, unconfirmed: undefined });
  expect((await kindsIn(log)).filter((kind) => kind === 'epoch-raised')).toHaveLength(1);
});

test('when decisions were lost the epoch is raised, what agents hold is written down, and nothing starts', async () => {
  const { deps, digest, fleet, keeper, log } = await startShortened();
  await deps.clock.advance(10);
  const { size } = log;
  keeper.lost({ text: 'the log ends at 40', claimed: 1 });
  await deps.clock.advance(20_000);

  expect(await kindsIn(log, size)).toEqual(['epoch-raised', 'rows-adopted']);
  expect(fleet.epoch).toMatchObject({ epoch: 2, unconfirmed: { text: 'the log ends at 40' } });
  const { notes, state } = fleet.placementOf(placement);
  for (const row of state.rows.values()) {
    expect(row).toMatchObject({ mode: 'adopt', version: { epoch: 2 }, target: { variant: { digest } } });
  }
  expect(notes.map(({ code }) => code)).toEqual(['EpochUnconfirmed']);
});

test('a confirmation lets rollouts start: here none is needed, for all run what Git asks for', async () => {
  const { deps, fleet, keeper, log } = await startShortened();
  await deps.clock.advance(10);
  keeper.lost({ text: 'lost', claimed: 1 });
  await deps.clock.advance(5_000);
  const { size } = log;
  const payload = { kind: 'epoch-confirmed', epoch: 2 } as const;
  const actor = { kind: 'person', name: 'ada', reason: 'looked' } as const;
  const confirmation = {
    subject: epochSubject,
    actor,
    expectedSeq: fleet.epoch.lastSeq,
    evidence: undefined,
    payload,
  };
  await appendDecision(deps, confirmation, never);
  await deps.clock.advance(20_000);

  expect(fleet.epoch.unconfirmed).toBeUndefined();
  expect((await kindsIn(log, size)).filter((kind) => kind === 'wave-opened')).toEqual([]);
});

test('several processes that see the same loss raise once, and adopt once', async () => {
  const first = await startShortened('hub-1');
  const second = await startShortened('hub-2', first.log);
  const both = [first, second];
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) for (const one of both) await one.deps.clock.advance(500);
  };
  await pass(2_000);
  const { size } = first.log;
  for (const one of both) one.keeper.lost({ text: 'lost', claimed: 1 });
  await pass(20_000);

  expect(await kindsIn(first.log, size)).toEqual(['epoch-raised', 'rows-adopted']);
});
