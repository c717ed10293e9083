import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGitError } from '../git-error.ts';
import { hashObject } from '../hash-object.ts';
import { memoryStore } from '../store/memory-store.ts';
import { ingestPack } from './ingest-pack.ts';
import { buildPack, deltaBetween, type FixtureEntry } from './pack-fixture.ts';
import { spoolPack } from './pack-spool.ts';

const shownUrl = 'https://git.example.org/shop.git';
const limits = {
  packBytesMax: 1_000_000,
  inflatedBytesMax: 1_000_000,
  packObjectsMax: 1_000,
  objectBytesMax: 100_000,
  refsMax: 1,
};

async function ingest(pack: Buffer) {
  const store = memoryStore();
  async function* chunks(): AsyncGenerator<Buffer> {
    yield pack;
  }
  const common = { format: 'sha1', shownUrl } as const;
  await using spool = await spoolPack(chunks(), { ...limits, ...common, scratchFolder: tmpdir() });
  await ingestPack(spool, { ...common, store, limits, signal: new AbortController().signal });
  return store;
}

/** Contents, each whole or as a delta on one before it. */
const contents = fc.array(fc.record({ data: fc.uint8Array({ maxLength: 400 }), on: fc.option(fc.nat()) }), {
  maxLength: 12,
});

function packOf(items: readonly { readonly data: Uint8Array; readonly on: number | null }[]): Buffer {
  const entries = items.map(({ data, on }, index): FixtureEntry => {
    const onEntry = on === null || index === 0 ? undefined : on % index;
    const base = onEntry === undefined ? undefined : items[onEntry];
    if (onEntry === undefined || base === undefined) return { type: 'blob', data: Buffer.from(data) };
    return { onEntry, delta: deltaBetween(Buffer.from(base.data), Buffer.from(data)) };
  });
  return buildPack(entries);
}

describe('laws of packs', () => {
  it('every content comes out under its own hash, however the deltas are chained', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (items) => {
        const store = await ingest(packOf(items));

        for (const { data } of items) {
          const held = await store.get(hashObject('blob', data, 'sha1'));
          expect(held?.data.equals(data)).toBe(true);
        }
      }),
    );
  });

  it('a pack with any byte changed or cut off is refused with a code, never accepted and never a crash', async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (...given) => {
          const [items, place, change, isCut] = given;
          const pack = packOf(items);
          const at = place % pack.length;
          const spoiled = isCut ? pack.subarray(0, at) : Buffer.from(pack);
          if (!isCut) spoiled[at] = (spoiled[at] ?? 0) ^ change;

          const failure = await ingest(spoiled).catch((caught: unknown) => caught);

          expect(isGitError(failure)).toBe(true);
        },
      ),
    );
  });

  it('a pack of any structure is refused with a code or gives only objects under their own hash', async () => {
    await fc.assert(
      fc.asyncProperty(
        contents,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        async (...given) => {
          const [items, place, noise] = given;
          const body = packOf(items).subarray(0, -20);
          const spoiled = Buffer.from(body);
          spoiled.set(noise.subarray(0, spoiled.length - (place % spoiled.length)), place % spoiled.length);
          const trailer = createHash('sha1').update(spoiled).digest();

          const outcome = await ingest(Buffer.concat([spoiled, trailer])).catch((caught: unknown) => caught);

          if (isGitError(outcome)) return;
          expect(outcome).toHaveProperty('usage');
        },
      ),
    );
  });
});
