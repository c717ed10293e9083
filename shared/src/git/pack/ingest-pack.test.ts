import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GitId, limits } from '../../base/index.ts';
import { hashObject } from '../hash-object.ts';
import { memoryStore } from '../store/memory-store.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { type IngestSummary, ingestPack } from './ingest-pack.ts';
import { buildPack, deltaBetween, type FixtureEntry } from './pack-fixture.ts';
import { spoolPack } from './pack-spool.ts';
import { scanPack } from './scan-pack.ts';

const shownUrl = 'https://git.example.org/shop.git';
const signal = new AbortController().signal;
const bounds = {
  packBytesMax: 20_000_000,
  inflatedBytesMax: 30_000_000,
  packObjectsMax: 100,
  objectBytesMax: 1_000_000,
  refsMax: 1,
};

async function* chunks(bytes: Buffer, size = 1_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

type Bounds = Partial<typeof bounds>;

async function spool(
  pack: Buffer,
  tighter: Bounds = {},
  format: 'sha1' | 'sha256' = 'sha1',
  scratchFolder = tmpdir(),
) {
  return spoolPack(chunks(pack), { ...bounds, ...tighter, format, scratchFolder, shownUrl });
}

async function ingest(
  pack: Buffer,
  store: ObjectStore = memoryStore(),
  tighter: Bounds = {},
): Promise<IngestSummary> {
  await using spooled = await spool(pack, tighter);
  return await ingestPack(spooled, {
    store,
    format: 'sha1',
    limits: { ...bounds, ...tighter },
    shownUrl,
    signal,
  });
}

async function scan(pack: Buffer, tighter: Bounds = {}): Promise<void> {
  await using spooled = await spool(pack, tighter);
  await scanPack(spooled, { format: 'sha1', limits: { ...bounds, ...tighter }, shownUrl, signal });
}

function blob(text: string): FixtureEntry {
  return { type: 'blob', data: Buffer.from(text) };
}

function blobId(text: string): GitId {
  return hashObject('blob', Buffer.from(text), 'sha1');
}

async function textOf(store: ObjectStore, id: GitId): Promise<string | undefined> {
  return (await store.get(id))?.data.toString();
}

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

  it('above the spool bound goes through a file that is gone afterwards', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-spool-'));
    const noise = (seed: number) =>
      createHash('shake256', { outputLength: 990_000 }).update(String(seed)).digest();
    const pack = buildPack([0, 1, 2, 3, 4, 5, 6, 7].map((seed) => ({ type: 'blob', data: noise(seed) })));
    const store = memoryStore();

    await using spooled = await spool(pack, {}, 'sha1', folder);
    const during = await readdir(folder);
    await ingestPack(spooled, { store, format: 'sha1', limits: bounds, shownUrl, signal });
    await spooled[Symbol.asyncDispose]();

    expect(pack.length).toBeGreaterThan(limits.gitSpoolMemoryBytesMax);
    expect(during).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
    expect((await store.get(hashObject('blob', noise(3), 'sha1')))?.data.equals(noise(3))).toBe(true);
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

describe('a bad pack', () => {
  const good = buildPack([blob('one'), blob('two')]);
  const flipped = Buffer.from(good);
  flipped[20] = (flipped[20] ?? 0) ^ 0xff;

  it.each([
    ['empty', Buffer.alloc(0), 'GIT_TRUNCATED_PACK'],
    ['cut within its header', good.subarray(0, 8), 'GIT_TRUNCATED_PACK'],
    ['without its trailer', good.subarray(0, 25), 'GIT_TRUNCATED_PACK'],
    ['cut in the middle', good.subarray(0, -10), 'GIT_CORRUPT_PACK'],
    ['with a changed byte', flipped, 'GIT_CORRUPT_PACK'],
    ['of another kind', Buffer.alloc(100, 'a'), 'GIT_CORRUPT_PACK'],
    ['with a wrong trailer', buildPack([blob('one')], { trailer: Buffer.alloc(20) }), 'GIT_CORRUPT_PACK'],
    [
      'that holds fewer objects than it says',
      buildPack([blob('one')], { objectCount: 2 }),
      'GIT_CORRUPT_PACK',
    ],
    [
      'that holds more than it says',
      buildPack([blob('one'), blob('two')], { objectCount: 1 }),
      'GIT_CORRUPT_PACK',
    ],
    [
      'with bytes before its trailer',
      buildPack([blob('one')], { extra: Buffer.alloc(3) }),
      'GIT_CORRUPT_PACK',
    ],
    [
      'that inflates to more than it says',
      buildPack([blob('a'.repeat(500))], { size: 10 }),
      'GIT_CORRUPT_PACK',
    ],
    ['that inflates to less than it says', buildPack([blob('one')], { size: 400 }), 'GIT_CORRUPT_PACK'],
  ])('%s is refused', async (_, pack, code) => {
    await expect(ingest(pack)).rejects.toMatchObject({ code });
    await expect(scan(pack)).rejects.toMatchObject({ code });
  });

  it('with a delta on nothing is refused with a code of its own', async () => {
    const delta = deltaBetween(Buffer.from('gone'), Buffer.from('new'));

    await expect(ingest(buildPack([{ onId: blobId('gone'), delta }]))).rejects.toMatchObject({
      code: 'GIT_BASE_MISSING',
    });
  });

  it('with deltas that build on each other in a ring is refused', async () => {
    const delta = deltaBetween(Buffer.from('a'), Buffer.from('b'));
    const pack = buildPack([
      { onId: blobId('b'), delta },
      { onId: blobId('a'), delta },
    ]);

    await expect(ingest(pack)).rejects.toMatchObject({ code: 'GIT_BASE_MISSING' });
  });

  it('with a delta that does not fit its base is refused', async () => {
    const delta = deltaBetween(Buffer.from('other base'), Buffer.from('b'));

    await expect(ingest(buildPack([blob('a'), { onEntry: 0, delta }]))).rejects.toMatchObject({
      code: 'GIT_CORRUPT_PACK',
    });
  });
});

describe('bounds', () => {
  const pack = buildPack([blob('a'.repeat(5_000)), blob('b'.repeat(5_000)), blob('c')]);

  it.each([
    ['bytes', { packBytesMax: pack.length - 1 }],
    ['objects', { packObjectsMax: 2 }],
    ['inflated bytes', { inflatedBytesMax: 10_000 }],
  ])('on %s are held', async (_, tighter) => {
    await expect(ingest(pack, memoryStore(), tighter)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
    await expect(scan(pack, tighter)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
  });

  it('are not held against a pack that just fits', async () => {
    const tighter = { packBytesMax: pack.length, packObjectsMax: 3, inflatedBytesMax: 10_001 };

    expect(await ingest(pack, memoryStore(), tighter)).toEqual({ objects: 3, leftOut: 0 });
    await scan(pack, tighter);
  });

  it('stop a pack that never ends at once', async () => {
    async function* endless(): AsyncGenerator<Buffer> {
      yield buildPack([], { objectCount: 50 }).subarray(0, 12);
      for (;;) yield Buffer.alloc(100_000);
    }
    const options = { ...bounds, format: 'sha1', scratchFolder: tmpdir(), shownUrl } as const;

    await expect(spoolPack(endless(), options)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
  });

  it('let the caller give up', async () => {
    const given = AbortSignal.abort(new Error('enough'));
    await using spooled = await spool(pack);

    const reading = ingestPack(spooled, {
      store: memoryStore(),
      format: 'sha1',
      limits: bounds,
      shownUrl,
      signal: given,
    });

    await expect(reading).rejects.toThrow('enough');
  });
});

it('a store that fails is what the caller hears of', async () => {
  const store = { ...memoryStore(), put: () => Promise.reject(new Error('disk full')) };

  await expect(ingest(buildPack([blob('one')]), store)).rejects.toThrow('disk full');
});
