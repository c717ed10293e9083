import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { type GitWorld, openGitWorld } from '../git-world-fixture.ts';
import { memoryStore } from '../store/index.ts';
import { readBlob, resolvePath, walkTree } from '../tree/index.ts';
import { fetchBlobs } from './fetch-blobs.ts';
import { fetchCommit } from './fetch-commit.ts';

const signal = AbortSignal.timeout(60_000);

/** A control repository of 40 folders with a file each. */
async function commitFolders(world: GitWorld): Promise<GitId> {
  const files = Array.from({ length: 40 }, (_, index) => [
    `placements/p${index}/a.yaml`,
    `n: ${index}\n`.repeat(200),
  ]);
  return world.repository.commit(Object.fromEntries(files), { message: 'first\n\nwith a body\n' });
}

describe('a server with filters', () => {
  it('gives a commit and every path in it without one blob', async () => {
    await using world = await openGitWorld();
    const commit = await commitFolders(world);
    await using store = await world.store();

    const fetched = await fetchCommit(world.remote(), { store, commit }, signal);

    expect(fetched).toMatchObject({ blobs: 'absent', stats: { requests: 1, objects: 43 } });
    expect(fetched.commit).toMatchObject({
      id: commit,
      tree: await world.repository.idOf(`${commit}^{tree}`),
      parents: [],
      author: { name: 'Ada Example', email: 'ada@example.org' },
      message: 'first\n\nwith a body\n',
    });
    const listing = await walkTree(store, fetched.commit.tree, { blobs: 'ignored' }, signal);
    expect(listing.files).toHaveLength(40);
    expect(await resolvePath(store, fetched.commit.tree, 'placements/p7')).toMatchObject({
      value: { kind: 'tree', id: await world.repository.idOf(`${commit}:placements/p7`) },
    });
  });

  it('gives only what changed since the commit that is held', async () => {
    await using world = await openGitWorld();
    const first = await commitFolders(world);
    await using store = await world.store();
    const remote = world.remote();
    await fetchCommit(remote, { store, commit: first }, signal);
    const second = await world.repository.commit({ 'placements/p3/a.yaml': 'changed\n' });

    const fetched = await fetchCommit(remote, { store, commit: second, have: [first] }, signal);

    expect(fetched).toMatchObject({ blobs: 'absent', stats: { objects: 4 }, commit: { parents: [first] } });
    const { files } = await walkTree(store, fetched.commit.tree, { blobs: 'ignored' }, signal);
    expect(files).toHaveLength(40);
  });

  it('gives a commit far from the one that is held, and one behind it', async () => {
    await using world = await openGitWorld();
    const first = await commitFolders(world);
    for (let index = 0; index < 5; index += 1) await world.repository.commit({ [`n${index}`]: 'x' });
    const last = await world.repository.commit({ 'placements/p3/a.yaml': null });
    const [ahead, behind] = [memoryStore(), memoryStore()];
    const remote = world.remote();
    await fetchCommit(remote, { store: ahead, commit: first }, signal);
    await fetchCommit(remote, { store: behind, commit: last }, signal);

    const forward = await fetchCommit(remote, { store: ahead, commit: last, have: [first] }, signal);
    const back = await fetchCommit(remote, { store: behind, commit: first, have: [last] }, signal);

    const count = async (store: typeof ahead, tree: GitId) =>
      (await walkTree(store, tree, { blobs: 'ignored' }, signal)).files.length;
    expect(await count(ahead, forward.commit.tree)).toBe(44);
    expect(await count(behind, back.commit.tree)).toBe(40);
  });

  it('is asked for everything when the store has lost a tree of what it held', async () => {
    await using world = await openGitWorld();
    const first = await commitFolders(world);
    const remote = world.remote();
    const full = memoryStore();
    const { commit } = await fetchCommit(remote, { store: full, commit: first }, signal);
    const torn = memoryStore();
    for (const id of [first, commit.tree]) {
      const object = await full.get(id);
      if (object !== undefined) await torn.put(object);
    }
    const second = await world.repository.commit({ 'placements/p3/a.yaml': 'changed\n' });

    const fetched = await fetchCommit(remote, { store: torn, commit: second, have: [first] }, signal);

    const { files } = await walkTree(torn, fetched.commit.tree, { blobs: 'ignored' }, signal);
    expect(files).toHaveLength(40);
  });

  it('is asked without deltas when it builds on a tree that turns out to be corrupt', async () => {
    await using world = await openGitWorld();
    const first = await commitFolders(world);
    const remote = world.remote();
    const held = memoryStore();
    await fetchCommit(remote, { store: held, commit: first }, signal);
    const base = await world.repository.idOf(`${first}:placements`);
    const second = await world.repository.commit({ 'placements/p3/a.yaml': 'changed\n' });
    const store = { ...held, get: async (id: GitId) => (id === base ? undefined : held.get(id)) };

    const fetched = await fetchCommit(remote, { store, commit: second, have: [first] }, signal);

    expect(fetched.stats.objects).toBe(43);
    expect(world.server.stats('shop').fetch).toBe(3);
  });

  it('is not asked for a commit that is held whole', async () => {
    await using world = await openGitWorld();
    const commit = await commitFolders(world);
    const store = memoryStore();
    const remote = world.remote();
    await fetchCommit(remote, { store, commit }, signal);
    world.server.misbehave('shop', 'server-error');

    expect(await fetchCommit(remote, { store, commit }, signal)).toMatchObject({ stats: { requests: 0 } });
  });

  it('gives chosen blobs in one request, and only those that are not held', async () => {
    await using world = await openGitWorld();
    const commit = await commitFolders(world);
    const store = memoryStore();
    const remote = world.remote();
    const fetched = await fetchCommit(remote, { store, commit }, signal);
    const { files } = await walkTree(store, fetched.commit.tree, { blobs: 'ignored' }, signal);
    const ids = files.slice(0, 10).map(({ id }) => id);

    const first = await fetchBlobs(remote, { store, ids: [...ids, ...ids] }, signal);
    const again = await fetchBlobs(remote, { store, ids }, signal);
    const more = await fetchBlobs(remote, { store, ids: files.slice(0, 12).map(({ id }) => id) }, signal);

    expect([first, again, more]).toMatchObject([
      { requests: 1, objects: 10 },
      { requests: 0, objects: 0 },
      { requests: 1, objects: 2 },
    ]);
    expect(String(await readBlob(store, files[0]?.id ?? commit))).toBe('n: 0\n'.repeat(200));
  });

  it('gives a small blob that it holds as a delta on one that is too large', async () => {
    await using world = await openGitWorld();
    const large = createHash('shake256', { outputLength: 30_000 }).update('noise').digest('base64');
    // Git looks for a base among what it packed before, which names decide: z before a.
    const commit = await world.repository.commit({ 'z.txt': large, 'a.txt': large.slice(0, 9_000) });
    await world.repository.git(['repack', '-adfq']);
    const store = memoryStore();
    const remote = world.remote({ limits: { objectBytesMax: 10_000 } });
    const [small, big] = [
      await world.repository.idOf(`${commit}:a.txt`),
      await world.repository.idOf(`${commit}:z.txt`),
    ];

    const stats = await fetchBlobs(remote, { store, ids: [small, big] }, signal);

    expect(stats.requests).toBe(2);
    expect(await readBlob(store, small)).toHaveLength(9_000);
    expect(await store.tooLargeSize(big)).toBe(large.length);
  });

  it('refuses a blob and a commit that it does not have', async () => {
    await using world = await openGitWorld();
    await commitFolders(world);
    const gone = 'd'.repeat(40) as GitId;
    const store = memoryStore();
    const refused = { code: 'GIT_REFUSED' };

    await expect(fetchBlobs(world.remote(), { store, ids: [gone] }, signal)).rejects.toMatchObject(refused);
    await expect(fetchCommit(world.remote(), { store, commit: gone }, signal)).rejects.toMatchObject(refused);
  });

  it('names a commit that is none', async () => {
    await using world = await openGitWorld();
    const commit = await commitFolders(world);
    const tree = await world.repository.idOf(`${commit}^{tree}`);

    const fetching = fetchCommit(world.remote(), { store: memoryStore(), commit: tree }, signal);

    await expect(fetching).rejects.toMatchObject({ code: 'GIT_CORRUPT_OBJECT' });
  });
});

it('a server that stops offering filters fails once and is asked anew what it can do', async () => {
  await using world = await openGitWorld();
  const commit = await commitFolders(world);
  const remote = world.remote();
  await fetchCommit(remote, { store: memoryStore(), commit }, signal);
  world.server.misbehave('shop', 'deny-filter');

  const failing = fetchCommit(remote, { store: memoryStore(), commit }, signal);

  await expect(failing).rejects.toMatchObject({ code: 'GIT_TRUNCATED_PACK' });
  expect(await fetchCommit(remote, { store: memoryStore(), commit }, signal)).toMatchObject({
    blobs: 'present',
  });
});

describe.each([
  ['without filters', 'deny-filter'],
  ['that speaks only v0', 'protocol-v0'],
] as const)('a server %s', (_, fault) => {
  it('gives the commit with its blobs, and later only what changed', async () => {
    await using world = await openGitWorld();
    const first = await commitFolders(world);
    world.server.misbehave('shop', fault);
    await using store = await world.store();
    const remote = world.remote();

    const fetched = await fetchCommit(remote, { store, commit: first }, signal);
    const { files } = await walkTree(store, fetched.commit.tree, { blobs: 'required' }, signal);
    const second = await world.repository.commit({ 'placements/p3/a.yaml': 'changed\n' });
    const next = await fetchCommit(remote, { store, commit: second, have: [first] }, signal);

    expect(fetched).toMatchObject({ blobs: 'present', stats: { objects: 83 } });
    expect(files).toHaveLength(40);
    expect(next).toMatchObject({ blobs: 'present', stats: { objects: 5 } });
    expect(await fetchBlobs(remote, { store, ids: files.map(({ id }) => id) }, signal)).toMatchObject({
      requests: 0,
    });
  });
});

it.each([
  ['a truncated pack', 'truncated-pack', 'GIT_TRUNCATED_PACK'],
  ['a corrupt pack', 'corrupt-pack', 'GIT_CORRUPT_PACK'],
  ['an error', 'server-error', 'GIT_SERVER_ERROR'],
] as const)('%s leaves a store that the next fetch completes', async (_, fault, code) => {
  await using world = await openGitWorld();
  const commit = await commitFolders(world);
  await using store = await world.store();
  const remote = world.remote();
  world.server.misbehave('shop', fault);
  await expect(fetchCommit(remote, { store, commit }, signal)).rejects.toMatchObject({ code });
  world.server.misbehave('shop');

  const fetched = await fetchCommit(remote, { store, commit }, signal);

  expect((await walkTree(store, fetched.commit.tree, { blobs: 'ignored' }, signal)).files).toHaveLength(40);
});
