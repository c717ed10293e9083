import { describe, expect, it } from 'vitest';
import { fetchTrees } from '../fetch/index.ts';
import { openSshWorld, type SshWorld } from '../ssh-world-fixture.ts';
import { memoryStore } from '../store/index.ts';
import { outcome } from './outcome-fixture.ts';
import type { Remote } from './remote.ts';

const signal = AbortSignal.timeout(120_000);

async function treesOf(world: SshWorld, remote: Remote) {
  const [commit, tree] = [await world.repository.idOf('main'), await world.repository.idOf('main:apps/shop')];
  return fetchTrees(remote, { store: memoryStore(), commit, treeIds: [tree] }, signal);
}

describe('a server that goes wrong', () => {
  it('is told in its own words when it has no such repository', async () => {
    await using world = await openSshWorld();

    expect(await outcome(world.remote({ url: world.server.urlOf('gone.git') }))).toMatch(
      /^GIT_NOT_FOUND: the server of \S+gone\.git says: .*does not appear to be a git repository/,
    );
  });

  it.each([
    ['hang', /^GIT_TIMEOUT: \S+ was silent for 0\.4 s$/],
    ['deny-exec', /^GIT_UNREACHABLE: the server of \S+ runs no command/],
  ] as const)('%s is told within its bounds', async (fault, text) => {
    await using world = await openSshWorld();
    world.server.misbehave(fault);

    expect(await outcome(world.remote({ timeouts: { idleMs: 400 } }))).toMatch(text);
  });

  it('and closes the connection within a pack is tried again later, never taken for whole', async () => {
    await using world = await openSshWorld();
    const remote = world.remote();
    await world.repository.commit({ 'apps/shop/noise': noise(20_000) });
    await outcome(remote);
    world.server.misbehave('cut');

    await expect(treesOf(world, remote)).rejects.toMatchObject({ code: 'GIT_TRUNCATED_PACK' });
    world.server.misbehave(undefined);

    expect(await treesOf(world, remote)).toMatchObject({ rung: 'tree' });
  });

  it('and stalls within a pack is left after the longest silence', async () => {
    await using world = await openSshWorld();
    const remote = world.remote({ timeouts: { idleMs: 500 } });
    await world.repository.commit({ 'apps/shop/noise': noise(20_000) });
    await outcome(remote);
    world.server.misbehave('stall');

    await expect(treesOf(world, remote)).rejects.toMatchObject({ code: 'GIT_TIMEOUT' });
  });

  it('sends no larger pack than is allowed', async () => {
    await using world = await openSshWorld();
    await world.repository.commit({ 'apps/shop/noise': noise(50_000) });

    await expect(treesOf(world, world.remote({ limits: { packBytesMax: 10_000 } }))).rejects.toMatchObject({
      code: 'GIT_TOO_LARGE',
    });
  });

  it('is let go of when the caller gives up', async () => {
    await using world = await openSshWorld();
    world.server.misbehave('hang');
    const giving = new AbortController();
    const asking = world.remote().wire.advertise('v2', giving.signal);
    await expect.poll(() => world.server.seen.length).toBe(2);

    giving.abort(new Error('enough'));

    await expect(asking).rejects.toThrow('enough');
  });
});

/** Text that no compression makes small. */
function noise(length: number): string {
  let state = 7;
  let text = '';
  while (text.length < length) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += state.toString(36);
  }
  return text.slice(0, length);
}
