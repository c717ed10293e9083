import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { outlive } from './world/bad-input.ts';
import { untilAllReady } from './world/expect.ts';
import { fetchingNews, misbehaving, serverFaults, silenceMs } from './world/git-faults.ts';
import { World } from './world/world.ts';

const placed = 7;

describe('a Git server that misbehaves', () => {
  let world: World;
  let member: MemberCluster;
  beforeAll(async () => {
    world = await World.start({
      clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }],
      hubSettings: { 'poll-interval': '1s', 'git-silence': `${silenceMs}ms` },
    });
    member = world.member('eu-1');
    await untilAllReady(world, (items) => items.size === placed);
    await member.mark();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  for (const one of serverFaults) {
    it(`${one.fault}: is said once with URL, cause and what to do, and everything stays`, async () => {
      await outlive(world, await misbehaving(world, one)());
    });
  }

  it('truncated-pack: the commit that cannot be fetched changes nothing, and comes into force when it can', async () => {
    await outlive(world, await fetchingNews(world)());
  });

  it('none of it led to a write, and good input still does', async () => {
    expect(await member.agentWriteLines()).toEqual([]);
    expect(await member.agentDeletes()).toEqual([]);

    const commit = await world.control.workshop.pushCheckout('2.6.0', 'Checkout: a good version');
    await untilAllReady(world, (items) => items.get('eu-1/checkout')?.status.appliedCommit === commit);
    expect(await member.agentDeletes()).toEqual([]);
  });
});
