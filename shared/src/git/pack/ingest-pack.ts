import { setImmediate as nextTurn } from 'node:timers/promises';
import { type GitId, limits, type Result } from '../../base/index.ts';
import { byteBoundedCache } from '../byte-bounded-cache.ts';
import { GitError } from '../git-error.ts';
import type { GitObject, ObjectType } from '../git-object.ts';
import { hashObject } from '../hash-object.ts';
import { idBytes, type ObjectFormat } from '../object-format.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { FetchLimits } from '../wire/remote-settings.ts';
import { applyDelta, deltaSizes } from './delta.ts';
import { type EntryHeader, entryHeaderBytesMax, parseEntryHeader } from './pack-entry.ts';
import {
  hashLargeBlob,
  type InflateFault,
  inflateEntry,
  type WindowReader,
  windowReader,
} from './pack-inflate.ts';
import { type PackSpool, packHeaderBytes } from './pack-spool.ts';

/** Where the objects of a pack go, and what bounds them. */
export interface IngestOptions {
  readonly store: ObjectStore;
  readonly format: ObjectFormat;
  readonly limits: FetchLimits;
  /** For messages: whose pack it is. */
  readonly shownUrl: string;
  readonly signal: AbortSignal;
}

/** What came of a pack. */
export interface IngestSummary {
  /** Objects kept in the store. */
  readonly objects: number;
  /** Objects left out because they, or what they are a delta of, exceed the size limit. */
  readonly leftOut: number;
}

/**
 * Reads every object of a pack into the store, each under the id that its content hashes to: a pack cannot put a wrong
 * object under an id. Deltas may build on the pack or on the store (thin packs). Throws GIT_CORRUPT_PACK,
 * GIT_TRUNCATED_PACK, GIT_TOO_LARGE, and GIT_BASE_MISSING when a delta builds on what neither has.
 */
export async function ingestPack(spool: PackSpool, options: IngestOptions): Promise<IngestSummary> {
  const state = startIngest(spool, options);
  let offset = packHeaderBytes;
  for (let index = 0; index < spool.objectCount; index += 1) {
    options.signal.throwIfAborted();
    // Inflating is synchronous: let timers and other sessions have a turn.
    if (index % entriesPerTurn === 0) await nextTurn();
    offset += await readEntry(state, offset);
  }
  if (offset !== state.end) throw corrupt(state, 'has bytes after its last object');
  await resolvePending(state);
  await settleWrites(state);
  return { objects: state.kept, leftOut: state.leftOut };
}

/** A delta whose base was not there when it was read. */
interface Pending {
  readonly offset: number;
  readonly base: { readonly offset: number } | { readonly id: GitId };
  /** Where its compressed data begins. */
  readonly dataOffset: number;
  readonly size: number;
}

interface IngestState {
  readonly options: IngestOptions;
  readonly spool: PackSpool;
  readonly reader: WindowReader;
  /** Where entries end and the trailer begins. */
  readonly end: number;
  /** The id of each entry read so far, or `left-out`. */
  readonly ids: Map<number, GitId | 'left-out'>;
  readonly bases: ReturnType<typeof byteBoundedCache<GitId, GitObject>>;
  /** Blobs of this pack that were too large: what is a delta of them is left out too. */
  readonly tooLarge: Set<GitId>;
  readonly writes: Set<Promise<void>>;
  writeFailure: { readonly caught: unknown } | undefined;
  pending: Pending[];
  inflatedBytes: number;
  kept: number;
  leftOut: number;
}

/** Store writes under way at once: enough to keep the thread pool busy, few enough to keep memory flat. */
const writesMax = 16;

/** Entries read in one turn of the event loop: a few milliseconds. */
const entriesPerTurn = 64;

function startIngest(spool: PackSpool, options: IngestOptions): IngestState {
  return {
    options,
    spool,
    reader: windowReader(spool),
    end: spool.size - idBytes(options.format),
    ids: new Map(),
    bases: byteBoundedCache(limits.gitBaseCacheBytesMax, (object) => object.data.length),
    tooLarge: new Set(),
    writes: new Set(),
    writeFailure: undefined,
    pending: [],
    inflatedBytes: 0,
    kept: 0,
    leftOut: 0,
  };
}

/** Reads the entry at `offset`; returns the bytes it takes. */
async function readEntry(state: IngestState, offset: number): Promise<number> {
  const head = (await state.reader.at(offset, entryHeaderBytesMax)).subarray(0, state.end - offset);
  const header = parseEntryHeader(head, state.options.format);
  if (header === undefined) throw corrupt(state, `has a broken entry at ${offset}`);
  const dataOffset = offset + header.headerBytes;
  count(state, header.size);
  if (header.size > state.options.limits.objectBytesMax) {
    return header.headerBytes + (await skipLarge(state, offset, header));
  }
  const inflated = unwrap(state, await inflateEntry(state.reader, dataOffset, header.size, state.end));
  if (header.kind === 'whole') await keep(state, offset, header.type, inflated.data);
  else
    await readDelta(
      state,
      { offset, base: baseOf(header, offset), dataOffset, size: header.size },
      inflated.data,
    );
  return header.headerBytes + inflated.compressedBytes;
}

function baseOf(header: Exclude<EntryHeader, { kind: 'whole' }>, offset: number): Pending['base'] {
  return header.kind === 'ref-delta' ? { id: header.baseId } : { offset: offset - header.distance };
}

/** Passes over an entry that is too large to hold. Only blobs may be: the rest is needed to read a tree at all. */
async function skipLarge(state: IngestState, offset: number, header: EntryHeader): Promise<number> {
  if (header.kind !== 'whole' || header.type !== 'blob') {
    const what = header.kind === 'whole' ? header.type : 'delta';
    const text = `the pack of ${state.options.shownUrl} holds a ${what} of ${header.size} bytes`;
    throw new GitError('GIT_TOO_LARGE', `${text}, more than ${state.options.limits.objectBytesMax}`);
  }
  const { format, store } = state.options;
  const large = unwrap(
    state,
    await hashLargeBlob(state.spool, offset + header.headerBytes, header.size, format),
  );
  await store.noteTooLarge(large.id, header.size);
  state.tooLarge.add(large.id);
  state.ids.set(offset, 'left-out');
  state.leftOut += 1;
  return large.compressedBytes;
}

/** Builds the object of a delta now if its base is there, else later. */
async function readDelta(state: IngestState, delta: Pending, data: Buffer): Promise<boolean> {
  const base = await findBase(state, delta.base);
  if (base === undefined) {
    state.pending.push(delta);
    return false;
  }
  if (base === 'left-out' || isLargeResult(state, data)) {
    state.ids.set(delta.offset, 'left-out');
    state.leftOut += 1;
    return true;
  }
  const built = applyDelta(base.data, data, state.options.limits.objectBytesMax);
  if (!built.ok) throw corrupt(state, `is broken: ${built.error}`);
  count(state, built.value.length);
  await keep(state, delta.offset, base.type, built.value);
  return true;
}

function isLargeResult(state: IngestState, delta: Buffer): boolean {
  return (deltaSizes(delta)?.resultSize ?? 0) > state.options.limits.objectBytesMax;
}

async function findBase(
  state: IngestState,
  base: Pending['base'],
): Promise<GitObject | 'left-out' | undefined> {
  const id = 'id' in base ? base.id : state.ids.get(base.offset);
  if (id === undefined) return undefined;
  if (id === 'left-out' || state.tooLarge.has(id)) return 'left-out';
  const atHand = state.bases.get(id);
  if (atHand !== undefined) return atHand;
  // An object of this very pack may still be on its way to the store.
  await settleWrites(state);
  const held = await state.options.store.get(id);
  if (held !== undefined) state.bases.set(id, held);
  return held;
}

/** Deltas may come before their bases: goes round until nothing moves any more. */
async function resolvePending(state: IngestState): Promise<void> {
  while (state.pending.length > 0) {
    const round = state.pending;
    state.pending = [];
    for (const delta of round) {
      state.options.signal.throwIfAborted();
      count(state, delta.size);
      const inflated = await inflateEntry(state.reader, delta.dataOffset, delta.size, state.end);
      await readDelta(state, delta, unwrap(state, inflated).data);
    }
    if (state.pending.length < round.length) continue;
    const text = `the pack of ${state.options.shownUrl} builds on ${round.length} objects that are not here`;
    throw new GitError('GIT_BASE_MISSING', text);
  }
}

async function keep(state: IngestState, offset: number, type: ObjectType, data: Buffer): Promise<void> {
  const object: GitObject = { id: hashObject(type, data, state.options.format), type, data };
  state.ids.set(offset, object.id);
  state.bases.set(object.id, object);
  state.kept += 1;
  if (state.writes.size >= writesMax) await Promise.race(state.writes);
  const write: Promise<void> = state.options.store
    .put(object)
    .catch((caught: unknown) => {
      state.writeFailure ??= { caught };
    })
    .then(() => {
      state.writes.delete(write);
    });
  state.writes.add(write);
}

/** Waits for the store; throws what failed first in it. */
async function settleWrites(state: IngestState): Promise<void> {
  await Promise.all(state.writes);
  if (state.writeFailure !== undefined) throw state.writeFailure.caught;
}

function count(state: IngestState, bytes: number): void {
  state.inflatedBytes += bytes;
  if (state.inflatedBytes <= state.options.limits.inflatedBytesMax) return;
  const text = `the pack of ${state.options.shownUrl} inflates to more than`;
  throw new GitError('GIT_TOO_LARGE', `${text} ${state.options.limits.inflatedBytesMax} bytes`);
}

function unwrap<T>(state: IngestState, result: Result<T, InflateFault>): T {
  if (result.ok) return result.value;
  if (result.error === 'corrupt') throw corrupt(state, 'holds an object that does not inflate');
  throw new GitError('GIT_TRUNCATED_PACK', `the pack of ${state.options.shownUrl} ends within an object`);
}

function corrupt(state: IngestState, what: string): GitError {
  return new GitError('GIT_CORRUPT_PACK', `the pack of ${state.options.shownUrl} ${what}`);
}
