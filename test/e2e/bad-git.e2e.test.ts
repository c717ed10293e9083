import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, openRepository, type TestRepository } from '../real/git-server/index.ts';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { type BadInput, outlive } from './world/bad-input.ts';
import { screenOf } from './world/command-line.ts';
import { untilAllReady } from './world/expect.ts';
import { World } from './world/world.ts';

const placed = 7;

/** What the one message says of each fault, besides where and what stays in force. */
const serverFaults: readonly (readonly [fault: Fault, ...says: readonly string[]])[] = [
  ['unauthorized', 'GIT_UNAUTHORIZED', '(401)', 'check that the credential exists under its name'],
  ['server-error', 'GIT_SERVER_ERROR', '(500)', "look at the Git server's logs"],
  ['hang', 'GIT_TIMEOUT', 'was silent for 2 s', "look at the Git server's health"],
  ['empty-advertisement', 'GIT_EMPTY_ADVERTISEMENT', "look at the Git server's logs"],
  ['html', 'GIT_HTML_ANSWER', 'answers with a web page', 'check URL and credential'],
];

describe('a Git server that misbehaves', () => {
  let world: World;
  let member: MemberCluster;
  /** As the server has it; changed without its hooks. */
  let served: TestRepository;
  beforeAll(async () => {
    world = await World.start({
      clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }],
      hubSettings: { 'poll-interval': '1s', 'git-silence': '2s' },
    });
    member = world.member('eu-1');
    served = openRepository(join(world.control.settings.gitRoot, 'control.git'));
    await untilAllReady(world, (items) => items.size === placed);
    await member.mark();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  /** What every message about an unreadable control repository says. */
  async function around(): Promise<readonly string[]> {
    const [status] = [await world.control.client.status()];
    const inForce = status.status.control.commit?.id.slice(0, 12);
    return ['main', world.control.settings.controlUrl, `commit ${inForce} stays in force`];
  }

  async function misbehaving(fault: Fault, says: readonly string[]): Promise<BadInput> {
    const where = await around();
    return {
      bring: async () => {
        await world.control.gitMisbehaves(fault);
        return undefined;
      },
      mend: () => world.control.gitMisbehaves(),
      says: () => [...where, ...says],
    };
  }

  for (const [fault, ...says] of serverFaults) {
    it(`${fault}: is said once with URL, cause and what to do, and everything stays`, async () => {
      await outlive(world, await misbehaving(fault, says));
    });
  }

  it('truncated-pack: the commit that cannot be fetched changes nothing, and comes into force when it can', async () => {
    const cut = await misbehaving('truncated-pack', ['GIT_TRUNCATED_PACK', 'it is tried again']);
    await outlive(world, {
      ...cut,
      bring: async () => {
        await cut.bring();
        return await world.control.workshop.push({ 'NOTES.md': 'nothing that is placed\n' }, 'Notes');
      },
    });
  });

  it('a deleted branch is named', async () => {
    const where = await around();
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
    const where = await around();
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
