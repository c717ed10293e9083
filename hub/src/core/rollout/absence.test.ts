import type { RolloutStrategy } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { canaryThenRest, commitOf, names, releaseWith, uidOf } from './samples-fixture.ts';
import { newestWave, stableWorld } from './stable-world-fixture.ts';

const five = names(5);

/** The rest in waves of so many percent. */
function inShares(percent: number): RolloutStrategy {
  const size = { kind: 'percent', percent } as const;
  const { stages } = canaryThenRest(0);
  return canaryThenRest(0, {
    stages: stages.map((stage) =>
      stage.name === 'rest' ? { ...stage, waves: { start: size, growth: 1, max: size } } : stage,
    ),
  });
}
const quarters = inShares(25);
const tenths = inShares(10);

describe('clusters that are away', () => {
  it('are deferred, do not keep the rollout from ending, and catch up when they are back', () => {
    const world = stableWorld(names(10));
    const away = names(10)[3]!;
    world.goOffline(away);
    world.push('two');
    expect(world.run().filter((kind) => kind === 'wave-opened')).toHaveLength(3);
    expect(world.state.active).toBeUndefined();
    expect(world.holding('two')).not.toContain(away);
    world.comeBack(away);
    expect(world.run()).toEqual(['rollout-planned', 'wave-opened', 'wave-passed', 'rollout-succeeded']);
    expect(world.state.history[0]).toMatchObject({ kind: 'catch-up', outcome: 'succeeded' });
    expect(world.holding('two')).toContain(away);
  });

  it('get their row at once when they come back while the rollout runs', () => {
    const world = stableWorld(names(10));
    world.push('two');
    world.settle();
    const away = names(10).find((name) => name !== newestWave(world)[0])!;
    world.goOffline(away);
    world.everybodyIsWell();
    world.settle();
    expect(world.state.active?.clusters.get(uidOf(away))?.phase).toEqual({
      kind: 'deferred',
      reason: 'offline',
    });
    world.comeBack(away);
    expect(world.settle()).toEqual(['clusters-admitted']);
    expect(world.holding('two')).toContain(away);
  });

  it('get nothing when they come back to a rollout that is halted', () => {
    const world = stableWorld(names(10));
    world.push('two');
    world.settle();
    const [canary] = newestWave(world);
    const away = names(10).find((name) => name !== canary)!;
    world.goOffline(away);
    world.everybodyIsWell();
    world.settle();
    world.says(canary!, { state: 'Degraded' });
    world.settle();
    world.comeBack(away);
    expect(world.settle()).toEqual([]);
    expect(world.holding('two')).not.toContain(away);
  });

  it('come in waves of their own at the end, and these wait for nobody', () => {
    const world = stableWorld(names(20));
    for (const name of names(20).slice(0, 12)) world.goOffline(name);
    world.strategy = quarters;
    world.push('two');
    world.run();
    expect(world.state.active).toBeUndefined();
    expect(world.holding('two')).toHaveLength(8);
    const away = world.log.flatMap(({ event: { payload } }) =>
      payload.kind === 'rollout-planned' ? payload.waves.filter((wave) => wave.isAway) : [],
    );
    expect(away.map((wave) => wave.clusters.length)).toEqual([5, 5, 2]);
  });

  it('that all come back together get their rows as many at a time as a wave may have', () => {
    const world = stableWorld(names(51));
    world.strategy = tenths;
    world.push('two');
    world.settle();
    const { waves } = world.state.active!.plan;
    const missing = waves.slice(1).map((wave) => world.clusters.get(wave.clusters[0]!)!.cluster.name);
    for (const name of missing) world.goOffline(name);
    for (let round = 1; round < waves.length; round += 1) {
      world.everybodyIsWell();
      world.settle();
    }
    expect(world.state.active?.status).toMatchObject({ kind: 'open', wave: waves.length - 1 });
    for (const name of missing) world.comeBack(name);
    const before = world.holding('two').length;
    world.settle();
    expect(world.holding('two').length - before).toBe(1);
    world.run();
    expect(world.holding('two')).toHaveLength(51);
  });

  it('cordoned ones are left out too, and follow when the cordon is gone', () => {
    const world = stableWorld(names(10));
    const cordoned = world.clusters.get(uidOf(names(10)[2]!))!;
    cordoned.cluster = { ...cordoned.cluster, isCordoned: true };
    world.push('two');
    world.settle();
    expect(world.state.active?.plan.waves.at(-1)).toMatchObject({ isAway: true });
    world.run();
    expect(world.state.active).toBeUndefined();
    expect(world.holding('two')).not.toContain(names(10)[2]);
    cordoned.cluster = { ...cordoned.cluster, isCordoned: false };
    world.run();
    expect(world.holding('two')).toHaveLength(10);
  });

  it('left behind by a rollout that ended follow with the concurrency of its last wave', () => {
    const world = stableWorld(names(20));
    for (const name of names(20).slice(0, 12)) world.goOffline(name);
    world.strategy = quarters;
    world.push('two');
    world.run();
    for (const name of names(20).slice(0, 12)) world.comeBack(name);
    world.settle();
    expect(world.state.active?.plan.waves.map((wave) => wave.clusters.length)).toEqual([3, 3, 3, 3]);
    world.run();
    expect(world.holding('two')).toHaveLength(20);
  });

  it('for a moment only are planned for like the others, but get no row before they are back', () => {
    const world = stableWorld(five);
    for (const name of five.slice(1)) world.goOffline(name, 1_000);
    world.push('two');
    world.settle();
    expect(newestWave(world)).toEqual([five[0]]);
    expect(world.state.active?.plan.waves.some((wave) => wave.isAway)).toBe(false);
    world.everybodyIsWell();
    world.settle();
    expect(newestWave(world)).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'WaitsForClusters' });
    expect(world.last.wakeAtMs).toBe(world.nowMs - 1_000 + 120_000);
    for (const name of five.slice(1)) world.comeBack(name);
    expect(world.settle()).toEqual(['clusters-admitted']);
    expect(world.holding('two')).toHaveLength(5);
  });

  describe('in so large a part of a wave that it proves nothing', () => {
    function half(forMs: number) {
      const world = stableWorld(names(10));
      world.strategy = {
        ...canaryThenRest(0),
        stages: canaryThenRest(0).stages.map((stage) =>
          stage.name === 'rest'
            ? { ...stage, waves: { ...stage.waves, max: { kind: 'count', count: 4 } } }
            : stage,
        ),
      };
      world.push('two');
      world.settle();
      const away = (world.state.active?.plan.waves[1]?.clusters ?? [])
        .slice(0, 2)
        .map((uid) => world.clusters.get(uid)?.cluster.name ?? '');
      for (const name of away) world.goOffline(name, forMs);
      return { world, away };
    }

    it('hold the next wave while they are expected back', () => {
      const { world } = half(1_000);
      world.run();
      expect(world.last.notes[0]).toMatchObject({ code: 'WaitsForClusters' });
      expect(world.state.active?.status).toMatchObject({ kind: 'open', wave: 1 });
      expect(world.last.wakeAtMs).toBeGreaterThan(world.nowMs);
    });

    it('come last in a new plan, which begins with a canary again, once they are not (I15)', () => {
      const { away, world } = half(3_600_000);
      world.everybodyIsWell();
      world.settle();
      world.everybodyIsWell();
      world.settle();
      expect(world.state.active?.plan.waves[0]?.clusters).toHaveLength(1);
      expect(world.state.active?.plan.waves.at(-1)).toMatchObject({ isAway: true });
      world.run();
      expect(world.holding('two')).toHaveLength(8);
      for (const name of away) world.comeBack(name);
      world.run();
      expect(world.holding('two')).toHaveLength(10);
    });

    it('are waited for where something failed already: a new plan would forget it; a newer release does not wait', () => {
      const { world } = half(3_600_000);
      world.everybodyIsWell();
      world.settle();
      const [first] = newestWave(world);
      expect(first).toBeDefined();
      world.says(first ?? '', { state: 'Degraded' });
      world.settle();
      expect(world.state.active?.id).toBe('shop-2');
      world.push('three');
      expect(world.settle()).toContain('rollout-planned');
    });
  });

  it('start nothing alone: a release waits until somebody is there', () => {
    const world = stableWorld(five);
    for (const name of five) world.goOffline(name);
    world.push('two');
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toMatchObject({ code: 'Offline' });
  });
});

describe('a rollout of which everybody left before anybody was proven', () => {
  it('is cancelled, and its release is not stable by it', () => {
    for (const strategy of [canaryThenRest(), oneStage()]) {
      const world = stableWorld(five);
      world.strategy = strategy;
      world.push('two');
      world.settle();
      world.matched = new Set();
      world.edit();
      expect(world.settle()).toContain('rollout-cancelled');
      expect(world.state.active).toBeUndefined();
      expect(world.state.stable?.digest).toBe(releaseWith('one', commitOf(0)).digest);
      expect(world.state.aborted).toBeUndefined();
    }
  });
});

function oneStage(): RolloutStrategy {
  const strategy = canaryThenRest();
  return { ...strategy, stages: strategy.stages.slice(1) };
}
