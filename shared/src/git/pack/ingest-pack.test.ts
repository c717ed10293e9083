import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type GitId, limits } from '../../base/index.ts';
import type { GitObject } from '../git-object.ts';
import { hashObject } from '../hash-object.ts';
import { memoryStore } from '../store/memory-store.ts';
import { ingestPack } from './ingest-pack.ts';
import { buildPack, deltaBetween, wastefulZlib } from './pack-fixture.ts';
import { blob, blobId, bounds, ingest, shownUrl, signal, spool, textOf } from './take-pack-fixture.ts';

describe('a good pack', () => {
  it('gives every object under the id of its content', async () => {
    const store = memoryStore();

    const summary = await ingest(
      buildPack([blob('one'), { type: 'tree', data: Buffer.alloc(0) }, blob('')]),
      store,
    );

    expect(summary).toEqual({ objects: 3, leftOut: 0 });
    expect(await textOf(store, blobId('one'))).toBe('one');
    // The ids of the empty blob and the empty tree are known to every Git user.
    expect(await store.has('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' as GitId)).toBe(true);
    expect(await store.has('4b825dc642cb6eb9a060e54bf8d69288fbee4904' as GitId)).toBe(true);
  });

  it('may hold no object at all', async () => {
    expect(await ingest(buildPack([]))).toEqual({ objects: 0, leftOut: 0 });
  });

  it('rebuilds chains of deltas by offset and by id, also when the base comes later', async () => {
    const [a, b, c, d] = ['base one', 'base two', 'base three', 'base four'] as const;
    const delta = (from: string, to: string) => deltaBetween(Buffer.from(from), Buffer.from(to));
    const store = memoryStore();

    await ingest(
      buildPack([
        { onId: blobId(b), delta: delta(b, c) },
        { onEntry: 0, delta: delta(c, d) },
        blob(a),
        { onEntry: 2, delta: delta(a, b) },
      ]),
      store,
    );

    for (const text of [a, b, c, d]) expect(await textOf(store, blobId(text))).toBe(text);
  });

  it('may build on an object that the store holds', async () => {
    const store = memoryStore();
    await ingest(buildPack([blob('held')]), store);

    const delta = deltaBetween(Buffer.from('held'), Buffer.from('held and changed'));
    await ingest(buildPack([{ onId: blobId('held'), delta }]), store);

    expect(await textOf(store, blobId('held and changed'))).toBe('held and changed');
  });

  it('of a sha-256 repository has longer ids and a longer trailer', async () => {
    const store = memoryStore();
    const base = hashObject('blob', Buffer.from('a'), 'sha256');
    const pack = buildPack(
      [blob('a'), { onId: base, delta: deltaBetween(Buffer.from('a'), Buffer.from('ab')) }],
      {},
      'sha256',
    );

    await using spooled = await spool(pack, {}, 'sha256');
    await ingestPack(spooled, { store, format: 'sha256', limits: bounds, shownUrl, signal });

    expect(await textOf(store, hashObject('blob', Buffer.from('ab'), 'sha256'))).toBe('ab');
  });

  it('may be compressed worse than not at all', async () => {
    const store = memoryStore();
    const wasteful = {
      type: 'blob',
      data: Buffer.from('x'),
      compressed: wastefulZlib(0x78, 100_000),
    } as const;

    await ingest(buildPack([wasteful, blob('after')]), store);

    expect(await textOf(store, blobId('x'))).toBe('x');
    expect(await textOf(store, blobId('after'))).toBe('after');
  });

  it('waits for a base that is still on its way to a slow store', async () => {
    const held = memoryStore();
    const slow = {
      ...held,
      async put(object: GitObject) {
        for (let turn = 0; turn < 50; turn += 1) await nextTurn();
        await held.put(object);
      },
    };
    const large = (letter: string) => ({ type: 'blob', data: Buffer.alloc(5_000_000, letter) }) as const;
    const delta = deltaBetween(large('a').data, Buffer.from('aab'));

    // Four more of this size push the first out of what is kept at hand as a base.
    const pack = buildPack([...['a', 'b', 'c', 'd'].map(large), { onEntry: 0, delta }]);
    await ingest(pack, slow, { objectBytesMax: 10_000_000 });

    expect(await textOf(held, blobId('aab'))).toBe('aab');
  });

  it('above the spool bound goes through a file that is gone afterwards', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-spool-'));
    const noise = [1, 2, 3, 4, 5].map((seed) =>
      createHash('shake256', { outputLength: 990_000 }).update(String(seed)).digest(),
    );
    const pack = buildPack(noise.map((data) => ({ type: 'blob', data })));
    const store = memoryStore();

    await using spooled = await spool(pack, {}, 'sha1', folder);
    const during = await readdir(folder);
    await ingestPack(spooled, { store, format: 'sha1', limits: bounds, shownUrl, signal });
    await spooled[Symbol.asyncDispose]();

    expect(pack.length).toBeGreaterThan(limits.gitSpoolMemoryBytesMax);
    expect(during).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
    for (const data of noise) expect(await store.has(hashObject('blob', data, 'sha1'))).toBe(true);
    await rm(folder, { recursive: true });
  });
});

describe('a blob above the object limit', () => {
  const large = 'x'.repeat(1_000_001);

  it('is noted with its size and passed over, with everything built on it', async () => {
    const store = memoryStore();
    const delta = deltaBetween(Buffer.from(large), Buffer.from('x'));

    const summary = await ingest(buildPack([blob(large), { onEntry: 0, delta }, blob('after')]), store);

    expect(summary).toEqual({ objects: 1, leftOut: 2 });
    expect(await store.tooLargeSize(blobId(large))).toBe(1_000_001);
    expect(await textOf(store, blobId('after'))).toBe('after');
  });

  it('is left out when a delta would make it', async () => {
    const base = 'x'.repeat(600_000);
    const delta = deltaBetween(Buffer.from(base), Buffer.from(base + 'y'.repeat(600_000)));

    expect(await ingest(buildPack([blob(base), { onEntry: 0, delta }]))).toEqual({ objects: 1, leftOut: 1 });
  });

  it('is an error when it is no blob', async () => {
    const pack = buildPack([{ type: 'tree', data: Buffer.from(large) }]);

    await expect(ingest(pack)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
  });
});
