import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRepository, type TestRepository } from '../real/git-server/index.ts';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { outlive, unreadable } from './world/bad-input.ts';
import { screenOf } from './world/command-line.ts';
import { untilAllReady } from './world/expect.ts';
import { World } from './world/world.ts';

const placed = 7;

describe('a history that breaks off', () => {
  let world: World;
  let member: MemberCluster;
  /** As the server has it; changed without its hooks. */
  let served: TestRepository;
  beforeAll(async () => {
    world = await World.start({
      clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }],
      hubSettings: { 'poll-interval': '1s' },
    });
    member = world.member('eu-1');
    served = openRepository(join(world.control.settings.gitRoot, 'control.git'));
    await untilAllReady(world, (items) => items.size === placed);
    await member.mark();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('a commit that empties the repository is held, and says how a person accepts it', async () => {
    const { workshop, settings } = world.control;
    const full = await workshop.clone.idOf('main^{tree}');
    await outlive(world, {
      bring: async () => {
        const commit = await workshop.clone.commit({ 'README.md': 'gone\n' }, { replaceAll: true });
        await workshop.clone.push(settings.controlUrl);
        return commit;
      },
      mend: async () => {
        const back = await workshop.clone.commitTree(full, [await workshop.clone.idOf('main')]);
        await workshop.clone.setBranch('main', back);
        await workshop.clone.push(settings.controlUrl);
      },
      says: (commit) => ['Emptied', commit.slice(0, 12), `flotilla source accept control ${commit}`],
    });
  });

  it('a deleted branch is named', async () => {
    const where = await unreadable(world);
    const tip = await served.idOf('main');
    await served.setBranch('other', tip);
    await outlive(world, {
      bring: async () => {
        await served.deleteBranch('main');
        return undefined;
      },
      mend: () => served.setBranch('main', tip),
      says: () => [...where, 'GIT_REF_MISSING', 'no branch or tag "main"', 'push the branch or tag again'],
    });
    await served.deleteBranch('other');
  });

  it('a repository without any branch is not one without rules', async () => {
    const where = await unreadable(world);
    const tip = await served.idOf('main');
    await outlive(world, {
      bring: async () => {
        await served.deleteBranch('main');
        return undefined;
      },
      mend: () => served.setBranch('main', tip),
      says: () => [...where, 'GIT_EMPTY_REPOSITORY', 'push a commit'],
    });
  });

  it('a force-push to another history is held until a person accepts its commit', async () => {
    const { workshop, settings } = world.control;
    const before = await workshop.clone.idOf('main');
    await outlive(world, {
      bring: async () => {
        const commit = await workshop.clone.commitTree(await workshop.clone.idOf('main^{tree}'), [], 'Anew');
        await workshop.clone.setBranch('main', commit);
        await workshop.clone.push(settings.controlUrl, '+main');
        return commit;
      },
      mend: async () => {
        const commit = await workshop.clone.idOf('main');
        await screenOf(
          world,
          'source',
          'accept',
          'control',
          commit,
          '--reason',
          'history was rewritten on purpose',
        );
      },
      says: (commit) => [
        'NotFastForward',
        'main was rewritten',
        `${commit.slice(0, 12)} does not follow ${before.slice(0, 12)}`,
        `flotilla source accept control ${commit}`,
      ],
    });
  });

  it('none of it led to a write, and good input still does', async () => {
    expect(await member.agentWriteLines()).toEqual([]);
    expect(await member.agentDeletes()).toEqual([]);

    const commit = await world.control.workshop.pushCheckout('2.6.0', 'Checkout: a good version');
    await untilAllReady(world, (items) => items.get('eu-1/checkout')?.status.appliedCommit === commit);
    expect(await member.agentDeletes()).toEqual([]);
  });
});
