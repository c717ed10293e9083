import { describe, expect, it } from 'vitest';
import { World } from './rollout-fixture.ts';
import { uidOf } from './samples-fixture.ts';
import { five, newestWave, stableWorld } from './stable-world-fixture.ts';

const waits = { code: 'WaitsForDependency', text: 'net is Progressing on it', subject: 'net' };

function setWaiting(world: World, names: readonly string[], isWaiting = true): void {
  for (const name of names) {
    const one = world.clusters.get(uidOf(name));
    if (one) one.waitsFor = isWaiting ? waits : undefined;
  }
}

describe('a cluster on which a dependency is not Ready', () => {
  it('gets nothing, and the reason is said', () => {
    const world = new World(five);
    setWaiting(world, five);
    world.push('one');
    expect(world.settle()).toEqual([]);
    expect(world.last.notes[0]).toEqual({
      code: 'WaitsForDependency',
      text: '5 clusters wait for what it depends on: net is Progressing on it',
      subject: 'shop',
    });
    setWaiting(world, five, false);
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });

  it('is no canary as long as there is another', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const [canary = ''] = newestWave(world);
    const again = stableWorld(five);
    setWaiting(again, [canary]);
    again.push('two');
    again.settle();
    expect(newestWave(again)).not.toContain(canary);
  });

  it('is deferred with its wave, and follows when the dependency is Ready', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    const last = five.find((name) => !newestWave(world).includes(name)) ?? '';
    setWaiting(world, [last]);
    world.everybodyIsWell();
    world.settle();
    expect(world.state.active?.clusters.get(uidOf(last))?.phase).toEqual({
      kind: 'deferred',
      reason: 'dependency',
    });
    setWaiting(world, [last], false);
    expect(world.settle()).toEqual(['clusters-admitted']);
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('is looked at again by its own time, not all the time, and then waits behind the end', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    world.nowMs += 3_600_000;
    setWaiting(
      world,
      five.filter((name) => !newestWave(world).includes(name)),
    );
    world.everybodyIsWell();
    world.settle();
    expect(world.last.wakeAtMs).toBeGreaterThan(world.nowMs);
    world.nowMs = world.last.wakeAtMs ?? 0;
    world.settle();
    expect(world.state.history[0]).toMatchObject({ outcome: 'succeeded' });
    setWaiting(world, five, false);
    world.run();
    expect(world.holding('two')).toHaveLength(5);
  });

  it('still loses the placement when it is withdrawn', () => {
    const world = stableWorld(five);
    setWaiting(world, five);
    world.matched = new Set(five.slice(1));
    world.edit();
    world.run();
    expect(world.state.rows.get(uidOf(five[0] ?? ''))?.target.kind).toBe('removal');
  });

  it('goes back with the others in a rollback', () => {
    const world = stableWorld(five);
    world.push('two');
    world.settle();
    setWaiting(world, five);
    world.operate({ verb: 'undo' });
    world.run();
    expect(world.holding('one')).toHaveLength(5);
  });
});
