import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { memoryStore } from '../store/memory-store.ts';
import { type FixtureTree, putBlob, putTree } from './objects-fixture.ts';
import type { TreeListing } from './tree-listing.ts';
import { type WalkOptions, walkTree } from './walk-tree.ts';

const signal = new AbortController().signal;
const elsewhere = 'e'.repeat(40) as GitId;

async function walk(tree: FixtureTree, options: Partial<WalkOptions> = {}): Promise<TreeListing> {
  const store = memoryStore();
  return walkTree(store, await putTree(store, tree), { blobs: 'required', ...options }, signal);
}

function problemsOf(listing: TreeListing): readonly string[] {
  return listing.problems.map(({ path, code }) => `${code} ${path}`);
}

function pathsOf(listing: TreeListing): readonly string[] {
  return listing.files.map(({ path }) => path);
}

describe('a good tree', () => {
  it('lists files by path with mode, id and size', async () => {
    const store = memoryStore();
    const script = await putBlob(store, '#!/bin/sh\n');
    const id = await putTree(store, {
      z: 'last',
      apps: { shop: { 'a.yaml': 'a: 1\n' } },
      run: { mode: '100755', id: script },
    });

    const listing = await walkTree(store, id, { blobs: 'required' }, signal);

    expect(listing.problems).toEqual([]);
    expect(listing.bytes).toBe(19);
    expect(listing.files.map(({ path, mode, size }) => [path, mode, size])).toEqual([
      ['apps/shop/a.yaml', 'file', 5],
      ['run', 'executable', 10],
      ['z', 'file', 4],
    ]);
  });

  it('needs no blob when only ids are asked for', async () => {
    const listing = await walk({ a: { mode: '100644', id: elsewhere } }, { blobs: 'ignored' });

    expect(listing).toEqual({ files: [{ path: 'a', mode: 'file', id: elsewhere }], problems: [], bytes: 0 });
  });

  it('that lacks a blob or a tree is an error, never a shorter list', async () => {
    const missing = { code: 'GIT_OBJECT_MISSING' };

    await expect(walk({ a: { mode: '100644', id: elsewhere } })).rejects.toMatchObject(missing);
    await expect(walk({ a: { mode: '40000', id: elsewhere } }, { blobs: 'ignored' })).rejects.toMatchObject(
      missing,
    );
  });

  it('may be empty', async () => {
    expect(await walk({})).toEqual({ files: [], problems: [], bytes: 0 });
  });
});

describe('what is refused by name', () => {
  it('is left out and named, and the rest is listed', async () => {
    const listing = await walk({
      'good.yaml': 'a: 1',
      link: { mode: '120000', id: elsewhere },
      module: { mode: '160000', id: elsewhere },
      sub: { '.GIT': { hooks: 'x' }, '..': 'up', 'a\\b': 'x', ok: 'x' },
      pointer: 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n',
    });

    expect(problemsOf(listing)).toEqual([
      'SYMLINK link',
      'SUBMODULE module',
      'LFS_POINTER pointer',
      'UNSAFE_NAME sub/..',
      'GIT_NAME sub/.GIT',
      'UNSAFE_NAME sub/a\\b',
    ]);
    expect(pathsOf(listing)).toEqual(['good.yaml', 'sub/ok']);
    expect(listing.problems[0]?.text).toBe('"link" is a symbolic link; links are not followed');
  });

  it('takes all of two names that clash, since neither is the right one', async () => {
    const listing = await walk({
      Apps: { a: 'x' },
      apps: { b: 'x' },
      'caf\u00e9': 'x',
      'cafe\u0301': 'x',
      ok: 'x',
    });

    expect(listing.problems.map(({ code }) => code)).toEqual(Array(4).fill('CASE_CLASH'));
    expect(pathsOf(listing)).toEqual(['ok']);
  });

  it('takes the same name in two folders for two names', async () => {
    expect(pathsOf(await walk({ a: { x: '1' }, b: { X: '2' } }))).toEqual(['a/x', 'b/X']);
  });
});

describe('limits', () => {
  it('names a file that is too large, also one that was never kept', async () => {
    const store = memoryStore();
    await store.noteTooLarge(elsewhere, 99_999_999);
    const id = await putTree(store, {
      big: 'x'.repeat(11),
      huge: { mode: '100644', id: elsewhere },
      ok: 'x',
    });

    const listing = await walkTree(store, id, { blobs: 'required', limits: { fileBytesMax: 10 } }, signal);

    expect(problemsOf(listing)).toEqual(['FILE_TOO_LARGE big', 'FILE_TOO_LARGE huge']);
    expect(pathsOf(listing)).toEqual(['ok']);
  });

  it('end a listing at the limit and say so once', async () => {
    const files = await walk({ a: '1', b: '2', c: '3', d: '4' }, { limits: { filesMax: 2 } });
    const bytes = await walk({ a: '11', b: '22', c: '33', d: '44' }, { limits: { totalBytesMax: 5 } });

    expect([pathsOf(files), problemsOf(files)]).toEqual([['a', 'b'], ['TOO_MANY_FILES c']]);
    expect([pathsOf(bytes), problemsOf(bytes)]).toEqual([['a', 'b'], ['TREE_TOO_LARGE c']]);
  });

  it('refuse what lies too deep and keep what does not', async () => {
    const listing = await walk({ a: { b: { c: 'x' }, d: 'x' } }, { limits: { depthMax: 2 } });

    expect([pathsOf(listing), problemsOf(listing)]).toEqual([['a/d'], ['TOO_DEEP a/b']]);
  });

  it('end a tree that holds itself many times over without a single file', async () => {
    const store = memoryStore();
    let id = await putTree(store, {});
    for (let level = 0; level < 40; level += 1) {
      const names = Array.from({ length: 10 }, (_, index) => [String(index), { mode: '40000', id }] as const);
      id = await putTree(store, Object.fromEntries(names));
    }

    const listing = await walkTree(store, id, { blobs: 'required', limits: { filesMax: 5_000 } }, signal);

    expect(listing.problems.map(({ code }) => code)).toEqual(['TOO_MANY_FILES']);
  });

  it('let the caller give up', async () => {
    const store = memoryStore();
    const id = await putTree(store, { a: 'x' });

    const walking = walkTree(store, id, { blobs: 'required' }, AbortSignal.abort(new Error('enough')));

    await expect(walking).rejects.toThrow('enough');
  });
});
