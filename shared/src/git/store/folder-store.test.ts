import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitId, limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import type { GitObject } from '../git-object.ts';
import { hashObject } from '../hash-object.ts';
import { openFolderStore } from './folder-store.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-store-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function object(text: string, type: 'blob' | 'commit' = 'blob'): GitObject {
  const data = Buffer.from(text);
  return { id: hashObject(type, data, 'sha1'), type, data };
}

function recordOf(id: GitId): string {
  return join(folder, 'objects', id.slice(0, 2), id.slice(2));
}

/** Text that deflate cannot make smaller, so that sizes on disk are known. */
function noise(seed: number): GitObject {
  const bytes = Array.from({ length: 50 }, (_, index) =>
    hashObject('blob', Buffer.from(`${seed} ${index}`), 'sha256'),
  );
  return object(Buffer.from(bytes.join(''), 'hex').toString('base64'));
}

describe('after a restart', () => {
  it('everything is there, notes too, and the use before counts', async () => {
    const before = await openFolderStore({ folder });
    const [a, b] = [object('a'), object('b')];
    await before.put(a);
    await before.put(b);
    await before.noteTooLarge('f'.repeat(40) as GitId, 7);

    const after = await openFolderStore({ folder });

    expect(await after.get(a.id)).toEqual(a);
    expect(after.usage()).toEqual(before.usage());
    expect(await after.tooLargeSize('f'.repeat(40) as GitId)).toBe(7);
  });

  it('what a dead process left half-written is removed once it is old, and never read', async () => {
    await openFolderStore({ folder });
    const [old, young] = [join(folder, 'temporary', 'old'), join(folder, 'temporary', 'young')];
    await writeFile(old, 'half');
    await writeFile(young, 'half');
    await utimes(old, 1, 1);

    await openFolderStore({ folder });

    expect(await readdir(join(folder, 'temporary'))).toEqual(['young']);
  });
});

describe('a corrupt record', () => {
  it.each([
    ['empty', async (path: string) => writeFile(path, '')],
    ['cut off', async (path: string) => writeFile(path, Buffer.from([0x78]))],
    ['overwritten', async (path: string) => writeFile(path, 'garbage that is not zlib')],
  ])('that is %s counts as absent and is dropped', async (_, spoil) => {
    await (await openFolderStore({ folder })).put(object('one'));
    const { id } = object('one');
    await spoil(recordOf(id));
    const store = await openFolderStore({ folder });

    expect(await store.get(id)).toBeUndefined();

    expect(await store.has(id)).toBe(false);
    expect(store.usage()).toEqual({ objects: 0, bytes: 0, corrupt: 1 });
    await store.put(object('one'));
    expect(await store.get(id)).toEqual(object('one'));
  });

  it('that holds another object, well formed, is dropped too', async () => {
    const store = await openFolderStore({ folder });
    const [a, b] = [object('one'), object('two')];
    await store.put(a);
    await store.put(b);
    await writeFile(recordOf(a.id), await readFile(recordOf(b.id)));

    expect(await store.get(a.id)).toBeUndefined();
    expect(await store.get(b.id)).toEqual(b);
  });
});

it('a record that another process removed is absent', async () => {
  const store = await openFolderStore({ folder });
  await store.put(object('one'));
  await rm(recordOf(object('one').id));

  expect(await store.get(object('one').id)).toBeUndefined();
  expect(store.usage()).toMatchObject({ objects: 0, bytes: 0 });
});

it('a record that another process wrote is found', async () => {
  const [mine, theirs] = [await openFolderStore({ folder }), await openFolderStore({ folder })];
  await theirs.put(object('one'));

  expect(await mine.get(object('one').id)).toEqual(object('one'));
  expect(mine.usage()).toEqual(theirs.usage());
});

describe('the bound', () => {
  it('is held by trimming what was not used for longest', async () => {
    const store = await openFolderStore({ folder, bytesMax: 12_000 });
    const objects = Array.from({ length: 10 }, (_, index) => noise(index));
    for (const one of objects) await store.put(one);
    await store.get(objects[0]?.id ?? ('' as GitId));

    await store.trim();

    const held = await Promise.all(objects.map(({ id }) => store.has(id)));
    expect(store.usage().bytes).toBeLessThanOrEqual(12_000);
    expect(held[0]).toBe(true);
    expect(held[1]).toBe(false);
    expect(held.at(-1)).toBe(true);
  });

  it('is not touched while it holds', async () => {
    const store = await openFolderStore({ folder, bytesMax: 1_000_000 });
    await store.put(noise(1));

    await store.trim();

    expect(store.usage().objects).toBe(1);
  });

  it('follows the use of an earlier process', async () => {
    const objects = [noise(1), noise(2), noise(3)] as const;
    const before = await openFolderStore({ folder });
    for (const one of objects) await before.put(one);
    for (const [index, { id }] of objects.entries()) await utimes(recordOf(id), 100 + index, 100 + index);
    const between = await openFolderStore({ folder });
    await between.get(objects[0].id);

    const store = await openFolderStore({ folder, bytesMax: 4_000 });
    await store.trim();

    expect(await Promise.all(objects.map(({ id }) => store.has(id)))).toEqual([true, false, true]);
  });

  it('on notes of what is too large is held too', async () => {
    const store = await openFolderStore({ folder });
    for (let index = 0; index <= limits.gitTooLargeNotesMax; index += 1) {
      await store.noteTooLarge(index.toString(16).padStart(40, '0') as GitId, 1);
    }

    expect(await readdir(join(folder, 'too-large'))).toHaveLength(limits.gitTooLargeNotesMax);
    expect(await store.tooLargeSize('0'.repeat(40) as GitId)).toBeUndefined();
  });
});

it('reads a commit from disk once, and again after it was trimmed away', async () => {
  const store = await openFolderStore({ folder, bytesMax: 1 });
  await store.put(object('tree', 'commit'));
  expect(await store.get(object('tree', 'commit').id)).toEqual(object('tree', 'commit'));

  await store.trim();

  expect(await store.get(object('tree', 'commit').id)).toBeUndefined();
});

it('keeps what it holds from other users', async () => {
  const store = await openFolderStore({ folder: join(folder, 'inner') });
  await store.put(object('secret'));
  const { id } = object('secret');

  expect((await stat(join(folder, 'inner', 'objects'))).mode & 0o077).toBe(0);
  expect((await stat(join(folder, 'inner', 'objects', id.slice(0, 2), id.slice(2)))).mode & 0o077).toBe(0);
});

it('says what failed when the folder is no folder', async () => {
  await writeFile(join(folder, 'file'), '');

  const failure = await openFolderStore({ folder: join(folder, 'file') }).catch((caught: unknown) => caught);

  expect(failure).toBeInstanceOf(GitError);
  expect(failure).toMatchObject({ code: 'GIT_STORE_FAILED', cause: { code: 'ENOTDIR' } });
});

it('leaves nothing behind when a record cannot be written', async () => {
  const store = await openFolderStore({ folder });
  const { id } = object('one');
  // A folder where the record belongs makes the rename fail.
  await mkdir(join(recordOf(id), 'in-the-way'), { recursive: true });

  await expect(store.put(object('one'))).rejects.toMatchObject({ code: 'GIT_STORE_FAILED' });

  expect(await readdir(join(folder, 'temporary'))).toEqual([]);
  expect(await store.has(id)).toBe(false);
});
