import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../store/memory-store.ts';
import { ingestPack } from './ingest-pack.ts';
import { buildPack, deltaBetween } from './pack-fixture.ts';
import { spoolPack } from './pack-spool.ts';
import { blob, blobId, bounds, ingest, scan, shownUrl, spool } from './take-pack-fixture.ts';

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
