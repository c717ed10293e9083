import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { openGitWorld } from '../git-world-fixture.ts';
import { memoryStore } from '../store/index.ts';
import { readBlob, walkTree } from '../tree/index.ts';
import { commitApps } from './apps-fixture.ts';
import { fetchTrees } from './fetch-trees.ts';

const signal = AbortSignal.timeout(60_000);

async function pathsIn(store: Parameters<typeof walkTree>[0], tree: GitId): Promise<readonly string[]> {
  const { files, problems } = await walkTree(store, tree, { blobs: 'required' }, signal);
  expect(problems).toEqual([]);
  return files.map(({ path }) => path);
}

describe('the rung "tree"', () => {
  it('brings exactly the wanted tree', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    await using store = await world.store();

    const fetched = await fetchTrees(world.remote(), { store, commit, treeIds: [tree] }, signal);

    expect(fetched).toMatchObject({ rung: 'tree', refused: [], stats: { requests: 1, objects: 4 } });
    expect(await pathsIn(store, tree)).toEqual(['base/service.yaml', 'deployment.yaml']);
    expect(store.usage().objects).toBe(4);
  });

  it('brings several trees at once, those that overlap too', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    const whole = await world.repository.idOf(`${commit}:apps`);
    const store = memoryStore();

    await fetchTrees(world.remote(), { store, commit, treeIds: [tree, whole] }, signal);

    expect(await pathsIn(store, whole)).toHaveLength(32);
  });

  it('brings only what changed since the tree that is held', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    await using store = await world.store();
    const remote = world.remote();
    await fetchTrees(remote, { store, commit, treeIds: [tree] }, signal);
    const changed = 'kind: Service\n'.repeat(49);
    const next = await world.repository.commit({ 'apps/shop/base/service.yaml': changed });
    const nextTree = await world.repository.idOf(`${next}:apps/shop`);

    const fetched = await fetchTrees(
      remote,
      { store, commit: next, treeIds: [nextTree], have: [tree] },
      signal,
    );

    expect(fetched).toMatchObject({ rung: 'tree', stats: { objects: 3 } });
    const { files } = await walkTree(store, nextTree, { blobs: 'required' }, signal);
    const service = files.find(({ path }) => path === 'base/service.yaml');
    expect(String(await readBlob(store, service?.id ?? tree))).toBe(changed);
  });

  it('asks nothing for a tree that is whole in the store', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    const store = memoryStore();
    const remote = world.remote();
    await fetchTrees(remote, { store, commit, treeIds: [tree] }, signal);
    world.server.misbehave('shop', 'server-error');

    const again = await fetchTrees(remote, { store, commit, treeIds: [tree] }, signal);

    expect(again).toEqual({ rung: 'cache', refused: [], stats: { requests: 0, packBytes: 0, objects: 0 } });
  });

  it('heals a store that lost part of a tree, and passes over a held tree that is no longer whole', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    const remote = world.remote();
    const full = memoryStore();
    await fetchTrees(remote, { store: full, commit, treeIds: [tree] }, signal);
    const store = memoryStore();
    const top = await full.get(tree);
    if (top !== undefined) await store.put(top);

    const fetched = await fetchTrees(remote, { store, commit, treeIds: [tree], have: [tree] }, signal);

    expect(fetched).toMatchObject({ rung: 'tree', stats: { requests: 1, objects: 4 } });
    expect(await pathsIn(store, tree)).toHaveLength(2);
  });

  it('names a file that is too large instead of failing, and does not ask for it again', async () => {
    await using world = await openGitWorld();
    const commit = await world.repository.commit({
      'app/a.yaml': 'a: 1',
      'app/image.bin': 'x'.repeat(20_000),
    });
    const tree = await world.repository.idOf(`${commit}:app`);
    await using store = await world.store();
    const remote = world.remote({ limits: { objectBytesMax: 10_000 } });

    await fetchTrees(remote, { store, commit, treeIds: [tree] }, signal);

    const listing = await walkTree(store, tree, { blobs: 'required' }, signal);
    expect(listing.files.map(({ path }) => path)).toEqual(['a.yaml']);
    expect(listing.problems).toMatchObject([{ path: 'image.bin', code: 'FILE_TOO_LARGE' }]);
    expect((await fetchTrees(remote, { store, commit, treeIds: [tree] }, signal)).rung).toBe('cache');
  });

  it('reads a small file although the server sends it as a delta on one that is too large', async () => {
    await using world = await openGitWorld();
    const large = createHash('shake256', { outputLength: 30_000 }).update('noise').digest('base64');
    const small = large.slice(0, 9_000);
    // Git looks for a base among what it packed before, which names decide: z before a.
    const commit = await world.repository.commit({ 'app/z.txt': large, 'app/a.txt': small });
    await world.repository.git(['repack', '-adfq']);
    const tree = await world.repository.idOf(`${commit}:app`);
    const store = memoryStore();

    await fetchTrees(
      world.remote({ limits: { objectBytesMax: 10_000 } }),
      { store, commit, treeIds: [tree] },
      signal,
    );

    const listing = await walkTree(store, tree, { blobs: 'required' }, signal);
    expect(listing.files).toMatchObject([{ path: 'a.txt', size: 9_000 }]);
    expect(listing.problems).toMatchObject([{ path: 'z.txt', code: 'FILE_TOO_LARGE' }]);
    // The delta was there: it took a second question.
    expect(world.server.stats('shop').fetch).toBe(2);
  });

  it('reads symlinks, submodules and evil names as problems, not as files', async () => {
    await using world = await openGitWorld();
    const { repository } = world;
    const blob = await repository.writeBlob('x');
    const inner = await repository.writeTree([{ mode: '100644', name: 'config', id: blob }]);
    const tree = await repository.writeTree([
      { mode: '40000', name: '.git', id: inner },
      { mode: '100644', name: '..', id: blob },
      { mode: '120000', name: 'link', id: blob },
      { mode: '160000', name: 'module', id: 'c'.repeat(40) as GitId },
      { mode: '100644', name: 'ok.yaml', id: blob },
    ]);
    const commit = await repository.commitTree(tree);
    await repository.setBranch('main', commit);
    const store = memoryStore();

    const fetched = await fetchTrees(world.remote(), { store, commit, treeIds: [tree] }, signal);

    const listing = await walkTree(store, tree, { blobs: 'required' }, signal);
    expect(fetched.rung).toBe('tree');
    expect(listing.files.map(({ path }) => path)).toEqual(['ok.yaml']);
    expect(listing.problems.map(({ code }) => code)).toEqual([
      'UNSAFE_NAME',
      'GIT_NAME',
      'SYMLINK',
      'SUBMODULE',
    ]);
  });

  it('serves a sha-256 repository', async () => {
    await using world = await openGitWorld({ objectFormat: 'sha256' });
    const { commit, tree } = await commitApps(world);
    await using store = await world.store();

    const fetched = await fetchTrees(world.remote(), { store, commit, treeIds: [tree] }, signal);

    expect(tree).toHaveLength(64);
    expect(fetched.rung).toBe('tree');
    expect(await pathsIn(store, tree)).toHaveLength(2);
  });
});

describe('the ladder', () => {
  it.each([
    ['unauthorized', 'GIT_UNAUTHORIZED'],
    ['server-error', 'GIT_SERVER_ERROR'],
    ['html', 'GIT_HTML_ANSWER'],
    ['empty-advertisement', 'GIT_EMPTY_ADVERTISEMENT'],
    ['truncated-pack', 'GIT_TRUNCATED_PACK'],
    ['cut-pack', 'GIT_TRUNCATED_PACK'],
    ['corrupt-pack', 'GIT_CORRUPT_PACK'],
  ] as const)('is not climbed down for %s', async (fault, code) => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    world.server.misbehave('shop', fault);

    const fetching = fetchTrees(world.remote(), { store: memoryStore(), commit, treeIds: [tree] }, signal);

    await expect(fetching).rejects.toMatchObject({ code });
    expect(world.server.stats('shop').fetch).toBeLessThanOrEqual(1);
  });

  it('is not climbed down for silence', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    world.server.misbehave('shop', 'stall-pack');
    const remote = world.remote({ timeouts: { idleMs: 200 } });

    const fetching = fetchTrees(remote, { store: memoryStore(), commit, treeIds: [tree] }, signal);

    await expect(fetching).rejects.toMatchObject({ code: 'GIT_TIMEOUT' });
  });

  it('recovers as soon as the server does', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    const remote = world.remote();
    const store = memoryStore();
    for (const fault of ['truncated-pack', 'server-error', 'garbage', 'cut-pack'] as const) {
      world.server.misbehave('shop', fault);
      await expect(fetchTrees(remote, { store, commit, treeIds: [tree] }, signal)).rejects.toThrow();
    }
    world.server.misbehave('shop');

    expect((await fetchTrees(remote, { store, commit, treeIds: [tree] }, signal)).rung).toBe('tree');
  });

  it('ends with a refusal when the server has neither the tree nor the commit', async () => {
    await using world = await openGitWorld();
    await commitApps(world);
    const gone = 'd'.repeat(40) as GitId;

    const fetching = fetchTrees(
      world.remote(),
      { store: memoryStore(), commit: gone, treeIds: [gone] },
      signal,
    );

    await expect(fetching).rejects.toMatchObject({ code: 'GIT_REFUSED' });
  });

  it('does not take a tree for fetched that the commit does not hold', async () => {
    await using world = await openGitWorld();
    const { commit } = await commitApps(world);
    world.server.misbehave('shop', 'refuse-tree-wants');
    const blob = await world.repository.writeBlob('x');
    const other = await world.repository.writeTree([{ mode: '100644', name: 'x', id: blob }]);

    const fetching = fetchTrees(world.remote(), { store: memoryStore(), commit, treeIds: [other] }, signal);

    await expect(fetching).rejects.toMatchObject({ code: 'GIT_CORRUPT_PACK' });
  });
});
