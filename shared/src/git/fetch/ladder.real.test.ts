import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { type GitWorld, openGitWorld } from '../git-world-fixture.ts';
import { openSshWorld } from '../ssh-world-fixture.ts';
import { memoryStore } from '../store/index.ts';
import { walkTree } from '../tree/index.ts';
import { commitApps } from './apps-fixture.ts';
import { fetchTrees, type TreesFetch } from './fetch-trees.ts';

const signal = AbortSignal.timeout(120_000);

async function pathsIn(store: Parameters<typeof walkTree>[0], tree: GitId): Promise<readonly string[]> {
  return (await walkTree(store, tree, { blobs: 'required' }, signal)).files.map(({ path }) => path);
}

/** What a fetch of the application's tree came to, and what it put into an empty store. */
async function fetchOne(world: GitWorld): Promise<TreesFetch & { readonly paths: readonly string[] }> {
  const { commit, tree } = await commitApps(world);
  const store = memoryStore();
  const fetched = await fetchTrees(world.remote(), { store, commit, treeIds: [tree] }, signal);
  return { ...fetched, paths: await pathsIn(store, tree) };
}

/** Each server refuses one way more than the one above it. */
const servers = [
  { faults: [], settings: {}, rung: 'tree', refused: [] },
  { faults: ['refuse-only-trees'], settings: {}, rung: 'filtered', refused: ['tree'] },
  { faults: ['refuse-tree-wants'], settings: {}, rung: 'depth-1', refused: ['tree', 'filtered'] },
  {
    faults: ['refuse-only-trees', 'deny-filter'],
    settings: {},
    rung: 'depth-1',
    refused: ['tree', 'filtered'],
  },
  { faults: ['protocol-v0'], settings: {}, rung: 'depth-1', refused: ['tree', 'filtered'] },
  {
    faults: ['protocol-v0'],
    settings: { 'uploadpack.allowReachableSHA1InWant': 'true', 'uploadpack.allowTipSHA1InWant': 'true' },
    rung: 'depth-1',
    refused: ['tree', 'filtered'],
  },
] as const;

describe('the ladder', () => {
  it.each(servers)(
    'of a server with $faults $settings is left at $rung',
    async ({ faults, settings, rung, refused }) => {
      await using world = await openGitWorld();
      world.server.misbehave('shop', ...faults);
      for (const [key, value] of Object.entries(settings)) await world.repository.setConfig(key, value);

      const fetched = await fetchOne(world);

      expect(fetched.rung).toBe(rung);
      expect(fetched.refused.map((one) => one.rung)).toEqual(refused);
      expect(fetched.paths).toEqual(['base/service.yaml', 'deployment.yaml']);
    },
  );

  it.each([
    ['uploadpack.allowReachableSHA1InWant'],
    ['uploadpack.allowAnySHA1InWant'],
    // Says nothing of what is no tip any more: the commit is found behind the tips.
    ['uploadpack.allowTipSHA1InWant'],
    ['uploadpack.allowFilter'],
  ])('of a v0 server gives a commit that is no tip any more, with %s', async (setting) => {
    // Over HTTP git serves what is reachable, because it cannot know what it advertised; over SSH it holds to the setting.
    await using world = await openSshWorld();
    const [commit, tree] = [
      await world.repository.idOf('main'),
      await world.repository.idOf('main:apps/shop'),
    ];
    await world.repository.commit({ 'apps/shop/a.yaml': 'a: 2\n' });
    await world.repository.commit({ 'apps/shop/a.yaml': 'a: 3\n' }, { branch: 'other', parent: null });
    world.server.misbehave('v0');
    world.server.configure({ [setting]: 'true' });
    const store = memoryStore();

    const { rung } = await fetchTrees(world.remote(), { store, commit, treeIds: [tree] }, signal);

    expect(rung).toBe('depth-1');
    expect(await pathsIn(store, tree)).toEqual(['a.yaml']);
  });
});

describe('the rung "filtered"', () => {
  it('brings the wanted files and no others, and later only what changed', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    world.server.misbehave('shop', 'refuse-only-trees');
    const store = memoryStore();
    const remote = world.remote();

    const first = await fetchTrees(remote, { store, commit, treeIds: [tree] }, signal);
    const next = await world.repository.commit({ 'apps/shop/base/service.yaml': 'kind: Service\n' });
    const nextTree = await world.repository.idOf(`${next}:apps/shop`);
    const second = await fetchTrees(
      remote,
      { store, commit: next, treeIds: [nextTree], have: [tree] },
      signal,
    );

    const other = await world.repository.idOf(`${commit}:apps/other1/a.yaml`);
    expect(await store.has(other)).toBe(false);
    expect(first).toMatchObject({ rung: 'filtered', stats: { requests: 2 } });
    // The commit, its trees on the way to the file, and the file.
    expect(second).toMatchObject({ rung: 'filtered', refused: [], stats: { requests: 2, objects: 6 } });
    expect(await pathsIn(store, nextTree)).toHaveLength(2);
  });

  it('is not climbed down from for a failure', async () => {
    await using world = await openGitWorld();
    const { commit, tree } = await commitApps(world);
    const remote = world.remote();
    world.server.misbehave('shop', 'refuse-only-trees', 'corrupt-pack');

    const fetching = fetchTrees(remote, { store: memoryStore(), commit, treeIds: [tree] }, signal);

    await expect(fetching).rejects.toMatchObject({ code: 'GIT_CORRUPT_PACK' });
  });

  it('serves a sha-256 repository', async () => {
    await using world = await openGitWorld({ objectFormat: 'sha256' });
    world.server.misbehave('shop', 'refuse-only-trees');

    expect(await fetchOne(world)).toMatchObject({ rung: 'filtered', paths: { length: 2 } });
  });
});
