import { describe, expect, it } from 'vitest';
import { builtInStrategies } from '../placement/index.ts';
import type { NewRevision } from './evidence.ts';
import { World } from './rollout-fixture.ts';
import { approvedCanary, canaryThenRest, commitOf, names, releaseWith } from './samples-fixture.ts';
import { canaryWorld, five, newestWave, stableWorld } from './stable-world-fixture.ts';

/** What happens to `three` when it comes while `two` is here. */
function pushThree(world: World, onNewRevision: NewRevision): 'replaces' | 'waits' {
  world.onNewRevision = onNewRevision;
  world.push('three');
  return world.settle().includes('rollout-planned') ? 'replaces' : 'waits';
}

function inCanary(): World {
  return canaryWorld().world;
}

function pastCanary(): World {
  const { world } = canaryWorld();
  world.everybodyIsWell();
  world.settle();
  return world;
}

function halted(): World {
  const world = pastCanary();
  for (const name of newestWave(world)) world.says(name, { state: 'Degraded' });
  world.settle();
  return world;
}

function rollingBack(): World {
  const world = inCanary();
  world.operate({ verb: 'undo' });
  world.settle();
  return world;
}

describe('a newer release', () => {
  it.each([
    ['auto', 'replaces', 'waits', 'replaces', 'waits'],
    ['supersede', 'replaces', 'replaces', 'replaces', 'waits'],
    ['queue', 'waits', 'waits', 'replaces', 'waits'],
    ['block', 'waits', 'waits', 'waits', 'waits'],
  ] as const)(
    'with %s: in the canary it %s, past it %s, when halted %s, during a rollback %s',
    (mode, ...expected) => {
      const worlds = [inCanary(), pastCanary(), halted(), rollingBack()];
      expect(worlds.map((world) => pushThree(world, mode))).toEqual(expected);
    },
  );

  it('I14: waits behind one that stands at the approval of an empty first stage, once three in a row were superseded there', () => {
    const world = stableWorld(five);
    // Nobody has the label: the stage takes no cluster and asks all the same.
    world.strategy = approvedCanary({ matchLabels: { nobody: 'has it' } });
    for (let push = 0; push < 8; push += 1) {
      world.push(`release ${push}`);
      world.settle();
    }
    expect(world.last.notes[0]?.code).toBe('Queued');
    expect(world.state.history.filter((one) => one.outcome === 'superseded')).toHaveLength(3);
  });

  it('that waits is the newest one, says for what, and begins when its turn comes', () => {
    const world = pastCanary();
    world.push('three');
    world.settle();
    expect(world.last.notes[0]).toMatchObject({
      code: 'Queued',
      text: 'a newer release waits for shop-2: it is past its first stage; to replace it now: flotilla rollout urgent shop, or flotilla rollout abort shop-2',
    });
    world.push('four');
    world.run();
    expect(world.holding('four')).toHaveLength(5);
    expect(world.state.history.map((one) => one.outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('does not wait for clusters that are not expected back, so that one dead cluster stops nobody', () => {
    const world = stableWorld(names(30));
    world.strategy = builtInStrategies[0]!;
    world.push('two');
    world.settle();
    for (const uid of world.state.active?.plan.waves[1]?.clusters ?? [])
      world.goOffline(world.clusters.get(uid)?.cluster.name ?? '');
    world.run();
    expect(world.holding('two')).toHaveLength(29);
    expect(world.state.active).toBeUndefined();
    world.push('three');
    world.run();
    expect(world.holding('three')).toHaveLength(29);
  });

  it('never waits to go back to what is stable', () => {
    const world = pastCanary();
    world.onNewRevision = 'block';
    world.push('one');
    expect(world.settle()).toContain('rollout-planned');
    expect(world.state.active?.plan.rolloutKind).toBe('rollback');
  });

  it('replaces what has started everywhere already, and waits for a strategy of one stage that has not', () => {
    const [, rest] = canaryThenRest().stages;
    const few = { kind: 'count', count: 1 } as const;
    const slow = canaryThenRest(2_000, {
      stages: [{ ...rest!, waves: { start: few, growth: 1, max: few } }],
    });
    for (const [strategy, expected] of [
      [slow, 'waits'],
      [{ ...slow, minSamplesPercent: 0, failure: { max: all, total: all, action: 'halt' } }, 'replaces'],
    ] as const) {
      const world = stableWorld(five);
      world.strategy = strategy;
      world.push('two');
      world.settle();
      expect(pushThree(world, 'auto')).toBe(expected);
    }
  });

  it('counts what was superseded in a row, whatever is withdrawn in between', () => {
    const { world } = canaryWorld();
    for (const content of ['three', 'four']) {
      world.push(content);
      world.settle();
    }
    const canary = newestWave(world)[0];
    const leaver = five.find((name) => name !== canary);
    world.matched = new Set(five.filter((name) => name !== leaver));
    world.edit();
    world.settle();
    world.says(leaver ?? '');
    world.settle();
    expect(world.state.history[0]).toMatchObject({ kind: 'withdraw', outcome: 'succeeded' });
    world.push('five');
    expect(world.settle()).toContain('rollout-planned');
    world.push('six');
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]?.text).toContain('3 before it were superseded');
  });

  it('does not wait for a rollout whose first wave has nobody left, however many were superseded before it', () => {
    const world = new World(five);
    for (const content of ['one', 'two', 'three', 'four']) {
      world.push(content);
      world.settle();
    }
    const [canary] = newestWave(world);
    world.matched = new Set(five.filter((name) => name !== canary));
    world.push('five');
    expect(world.settle()).toContain('rollout-planned');
    expect(world.state.active?.plan.release?.digest).toBe(releaseWith('five', commitOf(0)).digest);
  });

  it('I14: when people push faster than a canary soaks, releases still reach the last stage again and again', () => {
    const world = stableWorld(five);
    for (let push = 0; push < 60; push += 1) {
      world.push(`content ${push}`);
      world.settle();
      world.nowMs += 1_000;
      for (const [uid, row] of world.state.rows) {
        const name = world.clusters.get(uid)?.cluster.name ?? '';
        world.says(name, { healthyForMs: world.nowMs - row.issuedAtMs });
      }
      world.settle();
    }
    expect(world.state.history.filter((one) => one.outcome === 'succeeded').length).toBeGreaterThan(5);
  });
});

const all = { kind: 'percent', percent: 100 } as const;
