import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { limits } from '../../base/index.ts';
import { type GitWorld, openGitWorld } from '../git-world-fixture.ts';
import { listRefs } from '../refs/index.ts';
import { memoryStore } from '../store/index.ts';
import { type TreeListing, walkTree } from '../tree/index.ts';
import type { RemoteSettings } from '../wire/index.ts';
import { commitApps } from './apps-fixture.ts';
import { fetchTrees } from './fetch-trees.ts';

const signal = AbortSignal.timeout(120_000);

/** What asking for refs and for the application's tree comes to: `CODE message`, or what the tree holds. */
async function fetchWith(world: GitWorld, settings: Partial<RemoteSettings>): Promise<string> {
  const { commit, tree } = await commitApps(world);
  const remote = world.remote(settings);
  try {
    await listRefs(remote, {}, signal);
    await fetchTrees(remote, { store: memoryStore(), commit, treeIds: [tree] }, signal);
    return 'fetched';
  } catch (caught) {
    return caught instanceof Error && 'code' in caught ? `${caught.code} ${caught.message}` : String(caught);
  }
}

/** What the top tree of a commit lists, once a real server gave it. */
async function listing(
  world: GitWorld,
  tree: GitId,
  change: Parameters<typeof walkTree>[2]['limits'] = {},
): Promise<TreeListing> {
  const commit = await world.repository.commitTree(tree);
  await world.repository.setBranch('main', commit);
  const store = memoryStore();
  await fetchTrees(world.remote(), { store, commit, treeIds: [tree] }, signal);
  return walkTree(store, tree, { blobs: 'required', limits: change }, signal);
}

const problemsOf = ({ problems }: TreeListing) => problems.map(({ path, text }) => `${path}: ${text}`);

describe('a fetch beyond a bound says which', () => {
  it.each([
    ['bytes of a pack', { packBytesMax: 100 }, /^GIT_TOO_LARGE the pack of \S+shop\.git exceeds 100 bytes$/],
    [
      'objects of a pack',
      { packObjectsMax: 3 },
      /^GIT_TOO_LARGE the pack of \S+ holds 4 objects, more than 3$/,
    ],
    ['inflated bytes', { inflatedBytesMax: 300 }, /^GIT_TOO_LARGE the pack of \S+ .*300 bytes$/],
    ['bytes of a tree', { objectBytesMax: 10 }, /^GIT_TOO_LARGE .*, more than 10$/],
    ['refs', { refsMax: 0 }, /^GIT_TOO_LARGE \S+ has more than 0 refs$/],
  ])('%s', async (_what, tighter, text) => {
    await using world = await openGitWorld();

    expect(await fetchWith(world, { limits: tighter })).toMatch(text);
  });

  it.each([
    [
      'time in all',
      { totalMs: 300, idleMs: 20_000 },
      /^GIT_TIMEOUT \S+ did not finish its answer within 0\.3 s$/,
    ],
    ['silence', { totalMs: 20_000, idleMs: 300 }, /^GIT_TIMEOUT \S+ was silent for 0\.3 s$/],
  ])('%s', async (_what, timeouts, text) => {
    await using world = await openGitWorld();
    world.server.misbehave('shop', 'hang');

    expect(await fetchWith(world, { timeouts })).toMatch(text);
  });
});

describe('a tree beyond a bound names what is left out', () => {
  it('by its depth', async () => {
    await using world = await openGitWorld();
    const path = Array.from({ length: limits.treeDepthMax }, () => 'd').join('/');
    const commit = await world.repository.commit({ [`${path}/a`]: '1', ok: '2' });

    const listed = await listing(world, await world.repository.idOf(`${commit}^{tree}`));

    expect(listed.files.map((file) => file.path)).toEqual(['ok']);
    expect(problemsOf(listed)).toEqual([
      `${path}: "${path}" lies deeper than ${limits.treeDepthMax} folders`,
    ]);
  });

  it('by the size of a file, its files and their bytes', async () => {
    await using world = await openGitWorld();
    const commit = await world.repository.commit({ a: 'x'.repeat(10), b: 'x'.repeat(200), c: 'xx' });
    const tree = await world.repository.idOf(`${commit}^{tree}`);

    expect(problemsOf(await listing(world, tree, { fileBytesMax: 100 }))).toEqual([
      'b: "b" is larger than 100 bytes',
    ]);
    expect(problemsOf(await listing(world, tree, { filesMax: 1 }))).toEqual([
      'b: "b" and what follows are left out: more than 1 files and folders',
    ]);
    expect(problemsOf(await listing(world, tree, { totalBytesMax: 100 }))).toEqual([
      'b: "b" and what follows are left out: more than 100 bytes',
    ]);
  });
});

it('a hostile tree gives only what is harmless, and names the rest', async () => {
  await using world = await openGitWorld();
  const { repository } = world;
  const blob = await repository.writeBlob('x');
  const pointer = await repository.writeBlob(
    'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
  );
  const inner = await repository.writeTree([{ mode: '100644', name: 'config', id: blob }]);
  const file = (name: string | Uint8Array) => ({ mode: '100644', name, id: blob });
  const names = [
    '..',
    '.',
    'a/b',
    'a\\b',
    '.git.',
    '.git::$INDEX_ALLOCATION',
    '.g\u200cit',
    'GIT~1',
    'a\nb',
    'ok.yaml',
  ];
  const tree = await repository.writeTree([
    { mode: '40000', name: '.GIT', id: inner },
    ...names.map(file),
    file(Buffer.from([0x61, 0xff])),
    ...['Case', 'case', 'caf\u00e9', 'cafe\u0301'].map(file),
    { mode: '120000', name: 'link', id: blob },
    { mode: '160000', name: 'module', id: 'c'.repeat(40) as GitId },
    { mode: '100644', name: 'image.png', id: pointer },
  ]);

  const listed = await listing(world, tree);

  expect(listed.files.map((one) => one.path)).toEqual(['ok.yaml']);
  const codes = Object.fromEntries(listed.problems.map(({ path, code }) => [path, code]));
  expect(codes).toEqual({
    '.': 'UNSAFE_NAME',
    '..': 'UNSAFE_NAME',
    'a/b': 'UNSAFE_NAME',
    'a\\b': 'UNSAFE_NAME',
    'a\nb': 'UNSAFE_NAME',
    'a\ufffd': 'UNSAFE_NAME',
    '.GIT': 'GIT_NAME',
    '.git.': 'GIT_NAME',
    '.git::$INDEX_ALLOCATION': 'GIT_NAME',
    '.g\u200cit': 'GIT_NAME',
    'GIT~1': 'GIT_NAME',
    Case: 'CASE_CLASH',
    case: 'CASE_CLASH',
    'caf\u00e9': 'CASE_CLASH',
    'cafe\u0301': 'CASE_CLASH',
    link: 'SYMLINK',
    module: 'SUBMODULE',
    'image.png': 'LFS_POINTER',
  });
});
