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
});
