import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { World } from './rollout-fixture.ts';
import { names, uidOf } from './samples-fixture.ts';
import { stableWorld } from './stable-world-fixture.ts';

const ten = names(10);
const handOver = {
  code: 'WaitsForTakeOver',
  text: 'its objects stay until cart has taken them over',
  subject: 'cart',
};

/** Nobody may lose the placement but these. */
function freeOnly(world: World, free: readonly string[]): void {
  for (const one of world.clusters.values())
    one.handOver = free.includes(one.cluster.name) ? undefined : handOver;
}

/** Names of the clusters that have a removal row. */
const removed = (world: World) =>
  ten.filter((name) => world.state.rows.get(uidOf(name))?.target.kind === 'removal');

describe('a placement whose objects another one takes over', () => {
  it('I19: is removed from no cluster before they are taken over there, and from the others', () => {
    const world = stableWorld(ten);
    world.accept(world.remove().id);
    freeOnly(world, []);
    world.run();
    world.accept(world.state.held!.commit);
    world.run();
    expect(removed(world)).toEqual([]);
    expect(world.last.notes).toContainEqual(handOver);

    freeOnly(world, ten.slice(0, 3));
    world.run();
    expect(removed(world)).toEqual(ten.slice(0, 3));
    freeOnly(world, ten);
    world.run();
    expect(removed(world)).toEqual(ten);
    expect(world.log.filter((one) => one.event.payload.kind === 'withdraw-held')).toHaveLength(1);
  });

  it('I19: is not removed by a removal that was planned before the other one came', () => {
    const world = stableWorld(ten);
    world.accept(world.remove().id);
    world.settle();
    world.accept(world.state.held!.commit);
    world.settle();
    expect(removed(world)).toHaveLength(1);
    freeOnly(world, []);
    world.run();
    expect(removed(world)).toHaveLength(1);
    freeOnly(world, ten);
    world.run();
    expect(removed(world)).toEqual(ten);
  });

  it('loses it nowhere where it was never free to go, whatever else happens, and everywhere in the end', () => {
    const step = fc.record({
      free: fc.subarray([...ten]),
      away: fc.subarray([...ten], { maxLength: 3 }),
      happens: fc.constantFrom('look', 'well', 'accept', 'want', 'remove'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const world = stableWorld(ten);
        const everFree = new Set<string>();
        const isHeld = () => removed(world).every((name) => everFree.has(name));
        world.remove();
        for (const { away, free, happens } of steps) {
          freeOnly(world, free);
          for (const name of free) everFree.add(name);
          for (const name of ten) {
            if (away.includes(name)) world.goOffline(name);
            else world.comeBack(name);
          }
          if (happens === 'want') {
            world.resolve();
            everFree.clear();
          }
          if (happens === 'remove') world.remove();
          if (happens === 'accept' && world.state.held !== undefined) world.accept(world.state.held.commit);
          if (happens === 'well') world.everybodyIsWell();
          world.settle();
          if (happens === 'want') for (const name of removed(world)) everFree.add(name);
          expect(isHeld()).toBe(true);
        }
        for (const name of ten) world.comeBack(name);
        freeOnly(world, ten);
        world.remove();
        world.run();
        if (world.state.held !== undefined) world.accept(world.state.held.commit);
        world.run();
        expect(removed(world)).toEqual(ten);
      }),
      { numRuns: 60 },
    );
  });
});
