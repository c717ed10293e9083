import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFolderStore } from './folder-store.ts';

const never = new AbortController().signal;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-store-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a folder store', () => {
  test('gives back what was written, also after it is opened again', async () => {
    const store = await openFolderStore(folder);
    await store.write('rows/cart', { a: [1, 'two'] }, never);

    const again = await openFolderStore(folder);

    expect(await again.read('rows/cart', never)).toEqual({ a: [1, 'two'] });
    expect(await again.list('rows/', never)).toEqual(['rows/cart']);
    expect(again.damage).toEqual([]);
  });

  test('keeps the record before the newest also after a crash left its own step behind', async () => {
    const store = await openFolderStore(folder);
    await store.write('rows/cart', 1, never);
    await writeFile(join(folder, 'rows', 'cart.old'), 'left behind');

    await store.write('rows/cart', 2, never);
    await truncate(join(folder, 'rows', 'cart.json'), 10);

    expect(await store.read('rows/cart', never)).toBe(1);
  });

  test('knows nothing of a key that was never written or was removed', async () => {
    const store = await openFolderStore(folder);
    await store.write('rows/cart', 1, never);
    await store.write('rows/cart', 2, never);
    await store.remove('rows/cart', never);
    await store.remove('rows/none', never);

    expect(await store.read('rows/cart', never)).toBeUndefined();
    expect(await store.list('', never)).toEqual([]);
  });

  test('uses the record before a torn one and says so', async () => {
    const store = await openFolderStore(folder);
    await store.write('rows/cart', 'older', never);
    await store.write('rows/cart', 'newer', never);
    await truncate(join(folder, 'rows/cart.json'), 70);

    expect(await store.read('rows/cart', never)).toBe('older');
    expect(store.damage).toEqual(['record rows/cart was torn; the one before it is used']);
  });

  test('notices a flipped bit', async () => {
    const store = await openFolderStore(folder);
    await store.write('rows/cart', 'older', never);
    await store.write('rows/cart', 'newer', never);
    const bytes = await readFile(join(folder, 'rows/cart.json'));
    bytes[bytes.length - 2]! ^= 1;
    await writeFile(join(folder, 'rows/cart.json'), bytes);

    expect(await store.read('rows/cart', never)).toBe('older');
  });

  test('refuses to answer "nothing" when records exist but none is readable', async () => {
    const store = await openFolderStore(folder);
    await store.write('rows/cart', 'only', never);
    await writeFile(join(folder, 'rows/cart.json'), '');

    await expect(store.read('rows/cart', never)).rejects.toThrow('record rows/cart and the one before it');
  });

  test('writes of one key land in the order they were asked for', async () => {
    const store = await openFolderStore(folder);
    await Promise.all([1, 2, 3, 4, 5].map((value) => store.write('counters', value, never)));

    expect(await store.read('counters', never)).toBe(5);
  });

  test.each(['../x', 'a//b', 'A', '', 'a/b/c/d/e', '.json'])('refuses the key %j', async (key) => {
    const store = await openFolderStore(folder);

    await expect(store.write(key, 1, never)).rejects.toThrow('malformed');
  });
});
