import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../real/git-server/index.ts';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { type BadInput, crashHub, outlive, unreadable } from './world/bad-input.ts';
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
  beforeAll(async () => {
    world = await World.start({
      clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }],
      hubSettings: { 'poll-interval': '1s', 'git-silence': '2s' },
    });
    member = world.member('eu-1');
    await untilAllReady(world, (items) => items.size === placed);
    await member.mark();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  async function misbehaving(fault: Fault, says: readonly string[]): Promise<BadInput> {
    const where = await unreadable(world);
    return {
      bring: async () => {
        await world.control.gitMisbehaves(fault);
        // The advertisement is asked for once in the life of a hub process.
        if (fault === 'empty-advertisement') await crashHub(world);
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

  it('none of it led to a write, and good input still does', async () => {
    expect(await member.agentWriteLines()).toEqual([]);
    expect(await member.agentDeletes()).toEqual([]);

    const commit = await world.control.workshop.pushCheckout('2.6.0', 'Checkout: a good version');
    await untilAllReady(world, (items) => items.get('eu-1/checkout')?.status.appliedCommit === commit);
    expect(await member.agentDeletes()).toEqual([]);
  });
});
