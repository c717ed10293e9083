import { seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { expect, it, onTestFinished } from 'vitest';
import { type MemoryChecks, type MemoryDecisionLog, memoryChecks } from '../../../test/fakes/index.ts';
import { checkLifeMs } from '../core/rollout/fold-checks.ts';
import type { World } from '../core/rollout/rollout-fixture.ts';
import { canaryThenRest, placement } from '../core/rollout/samples-fixture.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { CheckAnswers, startAsking } from './ask-checks.ts';
import { kindsIn, logOf, startHub, threeClusters } from './deciding-hub-fixture.ts';
import { startRollouts } from './rollout.ts';

/** `two` has passed its canary, whose check `smoke` asks somebody. */
function worldAtCheck(): World {
  const world = stableWorld(threeClusters);
  const strategy = canaryThenRest();
  const [canary, rest] = strategy.stages;
  const url = 'https://checks.example.org/smoke';
  const smoke = { kind: 'webhook', name: 'smoke', url, timeoutMs: 60_000, credential: undefined } as const;
  world.strategy = { ...strategy, stages: [{ ...canary!, checks: [smoke] }, rest!] };
  world.push('two');
  world.run();
  return world;
}

interface AskingHub {
  readonly checks: MemoryChecks;
  readonly tries: readonly string[];
  readonly advance: (ms: number) => Promise<void>;
  readonly note: () => string | undefined;
}

async function startAskingHub(log: MemoryDecisionLog, world: World, name: string): Promise<AskingHub> {
  const { deps, fleet } = await startHub(log, world, name);
  const checks = memoryChecks();
  const answers = new CheckAnswers();
  const tries: string[] = [];
  const common = { ...deps, random: seededRandom(1), log: silentLogger };
  const stopping = new AbortController();
  const onTry = (outcome: string) => void tries.push(outcome);
  const asking = startAsking({ ...common, checks, answers, onTry }, stopping.signal);
  const rollouts = startRollouts({ ...common, answerOf: (key) => answers.answerOf(key) }, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await Promise.all([asking.ended, rollouts.ended]);
  });
  fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });
  return {
    checks,
    tries,
    advance: (ms) => deps.clock.advance(ms),
    note: () => fleet.placementOf(placement).notes[0]?.text,
  };
}

it('asks what a rollout waits for, and a yes is one decision', async () => {
  const world = worldAtCheck();
  const log = await logOf(world);
  const { size } = log;
  const hub = await startAskingHub(log, world, 'hub-1');
  await hub.advance(1_000);
  expect((await kindsIn(log, size)).slice(0, 2)).toEqual(['check-passed', 'wave-opened']);
  expect(hub.tries).toEqual(['passed']);
  const [first] = hub.checks.received;
  expect(JSON.parse(first?.asked.body ?? '')).toMatchObject({
    kind: 'CheckQuestion',
    question: 'shop-2/0/0/smoke',
    check: 'smoke',
    placement: 'shop',
    rollout: 'shop-2',
    rolloutKind: 'update',
    stage: 'canary',
    release: world.state.active?.plan.release?.digest,
    commit: { subject: world.state.active?.plan.release?.commit.subject },
    clusters: { targets: 3, ready: 1, waiting: 2, failed: 0 },
  });
  await hub.advance(600_000);
  expect(hub.checks.received).toHaveLength(1);
});

it('a no halts with its words', async () => {
  const world = worldAtCheck();
  const log = await logOf(world);
  const { size } = log;
  const hub = await startAskingHub(log, world, 'hub-1');
  hub.checks.behaviour = { status: 200, body: '{"pass":false,"text":"3 of 5 orders failed"}' };
  await hub.advance(1_000);
  expect(await kindsIn(log, size)).toEqual(['check-failed']);
  expect(hub.note()).toContain('check smoke of stage canary failed: 3 of 5 orders failed');
});

it('asks again while nobody has decided, says so, and fails at the end of the time', async () => {
  const world = worldAtCheck();
  const log = await logOf(world);
  const { size } = log;
  const hub = await startAskingHub(log, world, 'hub-1');
  hub.checks.behaviour = { status: 503, body: '{"text":"warming up"}' };
  await hub.advance(1_000);
  expect(hub.note()).toBe('waits for check smoke of stage canary: it answers 503: warming up, asked once');
  hub.checks.behaviour = 'broken';
  await hub.advance(50_000);
  expect(await kindsIn(log, size)).toEqual([]);
  expect(hub.tries.slice(0, 2)).toEqual(['again', 'none']);
  await hub.advance(20_000);
  expect(await kindsIn(log, size)).toEqual(['check-failed']);
  expect(hub.note()).toContain('no answer within 1m, asked');
});

it('an answer that grew too old in a paused rollout is asked for anew by itself', async () => {
  const world = worldAtCheck();
  world.operate({ verb: 'pause' });
  const log = await logOf(world);
  const { size } = log;
  const hub = await startAskingHub(log, world, 'hub-1');
  await hub.advance(checkLifeMs - 60_000);
  expect(hub.checks.received).toHaveLength(1);
  await hub.advance(120_000);
  expect(await kindsIn(log, size)).toEqual(['check-passed', 'check-passed']);
  const [first, second] = hub.checks.received.map(({ asked }) => JSON.parse(asked.body).question);
  expect(first).toBe('shop-2/0/0/smoke');
  expect(second).toMatch(/^shop-2\/0\/0\/smoke\/\d+$/);
});

it('of two processes that ask, one answer counts', async () => {
  const world = worldAtCheck();
  const log = await logOf(world);
  const { size } = log;
  const hubs = [await startAskingHub(log, world, 'hub-1'), await startAskingHub(log, world, 'hub-2')];
  hubs[1]!.checks.behaviour = { status: 200, body: '{"pass":false}' };
  await Promise.all(hubs.map((hub) => hub.advance(1_000)));
  await Promise.all(hubs.map((hub) => hub.advance(1_000)));
  expect(hubs.map((hub) => hub.checks.received.length)).toEqual([1, 1]);
  const kinds = await kindsIn(log, size);
  expect(kinds.filter((kind) => kind.startsWith('check-'))).toHaveLength(1);
});
