import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { openGitWorld } from '../git-world-fixture.ts';
import { memoryStore } from '../store/index.ts';
import { walkTree } from '../tree/index.ts';
import { commitApps } from './apps-fixture.ts';
import { fetchTrees } from './fetch-trees.ts';

const signal = AbortSignal.timeout(60_000);

async function pathsIn(store: Parameters<typeof walkTree>[0], tree: GitId): Promise<readonly string[]> {
  const { files, problems } = await walkTree(store, tree, { blobs: 'required' }, signal);
  expect(problems).toEqual([]);
  return files.map(({ path }) => path);
}

describe('the rung "depth-1"', () => {
  it.each([['refuse-tree-wants'], ['protocol-v0']] as const)(
    'brings the trees from a server with %s, and later only what changed',
    async (fault) => {
      await using world = await openGitWorld();
      const { commit, tree } = await commitApps(world);
      world.server.misbehave('shop', fault);
      await using store = await world.store();
      const remote = world.remote();

      const first = await fetchTrees(remote, { store, commit, treeIds: [tree] }, signal);
      const next = await world.repository.commit({ 'apps/shop/base/service.yaml': 'kind: Service\n' });
      const nextTree = await world.repository.idOf(`${next}:apps/shop`);
      const second = await fetchTrees(
        remote,
        { store, commit: next, treeIds: [nextTree], have: [tree] },
        signal,
      );

      expect(first).toMatchObject({ rung: 'depth-1', refused: [{ rung: 'tree' }, { rung: 'filtered' }] });
      expect(await pathsIn(store, tree)).toEqual(['base/service.yaml', 'deployment.yaml']);
      // The refusal is remembered: no second question, and with thin packs only the new objects travel.
      expect(second).toMatchObject({ rung: 'depth-1', refused: [], stats: { requests: 2 } });
      expect(second.stats.objects).toBeLessThanOrEqual(6);
      expect(second.stats.packBytes).toBeLessThan(first.stats.packBytes / 4);
      expect(await pathsIn(store, nextTree)).toHaveLength(2);
    },
  );

  it('leaves nothing in the scratch folder once the remote is closed', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    world.server.misbehave('shop', 'refuse-tree-wants');
    const remote = world.remote();
    await fetchTrees(remote, { store: memoryStore(), commit, treeIds: [tree] }, signal);
    const scratch = join(world.folder, 'scratch');
    expect((await stat(scratch)).isDirectory()).toBe(true);
    expect(await readdir(scratch)).toHaveLength(1);

    await remote.close();

    expect(await readdir(scratch)).toEqual([]);
  });

  it('fetches anew when its repository was damaged', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    world.server.misbehave('shop', 'refuse-tree-wants');
    const remote = world.remote();
    await fetchTrees(remote, { store: memoryStore(), commit, treeIds: [tree] }, signal);
    const [name = ''] = await readdir(join(world.folder, 'scratch'));
    await rm(join(world.folder, 'scratch', name, 'config'));
    const next = await world.repository.commit({ 'apps/shop/base/service.yaml': 'kind: Service\n' });
    const nextTree = await world.repository.idOf(`${next}:apps/shop`);

    const store = memoryStore();
    await fetchTrees(remote, { store, commit: next, treeIds: [nextTree] }, signal);

    expect(await pathsIn(store, nextTree)).toHaveLength(2);
  });

  it('serves several callers at once', async () => {
    await using world = await openGitWorld();
    const { commit } = await commitApps(world);
    world.server.misbehave('shop', 'refuse-tree-wants');
    const remote = world.remote();
    const trees = await Promise.all(
      [1, 2, 3].map((index) => world.repository.idOf(`${commit}:apps/other${index}`)),
    );

    const stores = trees.map(() => memoryStore());
    await Promise.all(
      trees.map((tree, index) =>
        fetchTrees(remote, { store: stores[index] ?? memoryStore(), commit, treeIds: [tree] }, signal),
      ),
    );

    // One repository for all of them, used in turn: the second and third get only what the first did not bring.
    expect(await readdir(join(world.folder, 'scratch'))).toHaveLength(1);
    for (const [index, tree] of trees.entries()) {
      expect(await pathsIn(stores[index] ?? memoryStore(), tree)).toEqual(['a.yaml']);
    }
  });

  it('names a file that is too large', async () => {
    await using world = await openGitWorld();
    const commit = await world.repository.commit({
      'app/a.yaml': 'a: 1',
      'app/image.bin': 'x'.repeat(20_000),
    });
    const tree = await world.repository.idOf(`${commit}:app`);
    world.server.misbehave('shop', 'protocol-v0');
    const store = memoryStore();

    await fetchTrees(
      world.remote({ limits: { objectBytesMax: 10_000 } }),
      { store, commit, treeIds: [tree] },
      signal,
    );

    const listing = await walkTree(store, tree, { blobs: 'required' }, signal);
    expect(listing.files.map(({ path }) => path)).toEqual(['a.yaml']);
    expect(listing.problems).toMatchObject([{ path: 'image.bin', code: 'FILE_TOO_LARGE' }]);
    expect(store.usage().bytes).toBeLessThan(1_000);
  });

  it('works where HEAD points to no branch', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    await world.repository.git(['symbolic-ref', 'HEAD', 'refs/heads/gone']);
    world.server.misbehave('shop', 'protocol-v0');

    const fetched = await fetchTrees(
      world.remote(),
      { store: memoryStore(), commit, treeIds: [tree] },
      signal,
    );

    expect(fetched.rung).toBe('depth-1');
  });

  it('is refused by name for a sha-256 repository', async () => {
    await using world = await openGitWorld({ objectFormat: 'sha256' });
    const { commit, tree } = await commitApps(world);
    world.server.misbehave('shop', 'protocol-v0');

    const fetching = fetchTrees(world.remote(), { store: memoryStore(), commit, treeIds: [tree] }, signal);

    await expect(fetching).rejects.toMatchObject({ code: 'GIT_PROTOCOL_UNSUPPORTED' });
  });

  it('holds the bounds of a pack that the library would take whole into memory', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    world.server.misbehave('shop', 'protocol-v0');
    const fetchWith = (limits: object) =>
      fetchTrees(world.remote({ limits }), { store: memoryStore(), commit, treeIds: [tree] }, signal);

    for (const limits of [{ packBytesMax: 1_000 }, { inflatedBytesMax: 5_000 }, { packObjectsMax: 5 }]) {
      await expect(fetchWith(limits)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
    }
  });
});
