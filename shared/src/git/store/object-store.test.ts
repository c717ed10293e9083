import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import type { GitObject } from '../git-object.ts';
import { hashObject } from '../hash-object.ts';
import { openFolderStore } from './folder-store.ts';
import { memoryStore } from './memory-store.ts';
import type { ObjectStore } from './object-store.ts';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function folderStore(): Promise<ObjectStore> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-store-'));
  folders.push(folder);
  return openFolderStore({ folder });
}

function object(text: string, format: 'sha1' | 'sha256' = 'sha1'): GitObject {
  const data = Buffer.from(text);
  return { id: hashObject('blob', data, format), type: 'blob', data };
}

const unknown = 'a'.repeat(40) as GitId;

describe.each([
  ['a memory store', async () => memoryStore()],
  ['a folder store', folderStore],
])('%s', (_, open) => {
  it('gives back what was put, by id', async () => {
    await using store = await open();
    const objects = [object('one'), object(''), object('x'.repeat(100_000)), object('one', 'sha256')];

    for (const one of objects) await store.put(one);

    for (const one of objects) {
      expect(await store.has(one.id)).toBe(true);
      expect(await store.get(one.id)).toEqual(one);
    }
    expect(store.usage().objects).toBe(4);
  });

  it('keeps the kind of an object', async () => {
    await using store = await open();
    const data = Buffer.alloc(0);
    const tree: GitObject = { id: hashObject('tree', data, 'sha1'), type: 'tree', data };

    await store.put(tree);

    expect(await store.get(tree.id)).toEqual(tree);
  });

  it('knows nothing of what was never put', async () => {
    await using store = await open();

    expect(await store.has(unknown)).toBe(false);
    expect(await store.get(unknown)).toBeUndefined();
    expect(await store.tooLargeSize(unknown)).toBeUndefined();
  });

  it('counts an object once however often it is put', async () => {
    await using store = await open();
    await store.put(object('one'));
    const { bytes } = store.usage();

    await Promise.all([store.put(object('one')), store.put(object('one'))]);

    expect(store.usage()).toMatchObject({ objects: 1, bytes });
  });

  it('notes what is too large without keeping it', async () => {
    await using store = await open();

    await store.noteTooLarge(unknown, 99);

    expect(await store.tooLargeSize(unknown)).toBe(99);
    expect(await store.has(unknown)).toBe(false);
  });
});

it('a memory store forgets what was not used for longest when its bound is reached', async () => {
  const store = memoryStore({ bytesMax: 10 });
  const [a, b, c] = [object('aaaa'), object('bbbb'), object('cccc')] as const;
  await store.put(a);
  await store.put(b);
  await store.get(a.id);

  await store.put(c);

  expect(await Promise.all([a, b, c].map(({ id }) => store.has(id)))).toEqual([true, false, true]);
  expect(store.usage().bytes).toBe(8);
});
