import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { outlive } from './world/bad-input.ts';
import { untilAllReady } from './world/expect.ts';
import { deletedBranch, deletedBranches, emptiedRepository, forcedPush } from './world/history-faults.ts';
import { World } from './world/world.ts';

const placed = 7;

describe('a history that breaks off', () => {
  let world: World;
  let member: MemberCluster;
  beforeAll(async () => {
    world = await World.start({
      clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }],
      hubSettings: { 'poll-interval': '1s' },
    });
    member = world.member('eu-1');
    await untilAllReady(world, (items) => items.size === placed);
    await member.mark();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('a commit that empties the repository is held, and says how a person accepts it', async () => {
    await outlive(world, await emptiedRepository(world));
  });

  it('a deleted branch is named', async () => {
    await outlive(world, await deletedBranch(world));
  });

  it('a repository without any branch is not one without rules', async () => {
    await outlive(world, await deletedBranches(world));
  });

  it('a force-push to another history is held until a person accepts its commit', async () => {
    await outlive(world, await forcedPush(world));
  });

  it('none of it led to a write, and good input still does', async () => {
    expect(await member.agentWriteLines()).toEqual([]);
    expect(await member.agentDeletes()).toEqual([]);

    const commit = await world.control.workshop.pushCheckout('2.6.0', 'Checkout: a good version');
    await untilAllReady(world, (items) => items.get('eu-1/checkout')?.status.appliedCommit === commit);
    expect(await member.agentDeletes()).toEqual([]);
  });
});
