import { tmpdir } from 'node:os';
import type { GitId } from '../../base/index.ts';
import { hashObject } from '../hash-object.ts';
import { memoryStore } from '../store/memory-store.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { type IngestSummary, ingestPack } from './ingest-pack.ts';
import type { FixtureEntry } from './pack-fixture.ts';
import { type PackSpool, spoolPack } from './pack-spool.ts';
import { scanPack } from './scan-pack.ts';

/** For messages. */
export const shownUrl = 'https://git.example.org/shop.git';
/** Never aborted. */
export const signal = new AbortController().signal;
/** Bounds of the tests: small, so that reaching them is quick. */
export const bounds = {
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

/** Takes a pack in. */
export async function spool(
  pack: Buffer,
  tighter: Bounds = {},
  format: 'sha1' | 'sha256' = 'sha1',
  scratchFolder = tmpdir(),
): Promise<PackSpool> {
  return spoolPack(chunks(pack), { ...bounds, ...tighter, format, scratchFolder, shownUrl });
}

/** Takes a pack in and reads it into a store. */
export async function ingest(
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

/** Takes a pack in and looks through it. */
export async function scan(pack: Buffer, tighter: Bounds = {}): Promise<void> {
  await using spooled = await spool(pack, tighter);
  await scanPack(spooled, { format: 'sha1', limits: { ...bounds, ...tighter }, shownUrl, signal });
}

/** A file in a pack. */
export function blob(text: string): FixtureEntry {
  return { type: 'blob', data: Buffer.from(text) };
}

/** The id that it has there. */
export function blobId(text: string): GitId {
  return hashObject('blob', Buffer.from(text), 'sha1');
}

/** The content of a file in a store. */
export async function textOf(store: ObjectStore, id: GitId): Promise<string | undefined> {
  return (await store.get(id))?.data.toString();
}
