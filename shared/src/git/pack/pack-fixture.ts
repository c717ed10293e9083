import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { GitId } from '../../base/index.ts';
import type { ObjectType } from '../git-object.ts';
import type { ObjectFormat } from '../object-format.ts';

/** One entry of a pack made by hand. */
export type FixtureEntry =
  | {
      readonly type: ObjectType;
      readonly data: Buffer;
      /** Compressed by somebody else; default: as zlib does. */
      readonly compressed?: Buffer;
    }
  /** Builds on the entry with this index of the same pack. */
  | { readonly onEntry: number; readonly delta: Buffer }
  | { readonly onId: GitId; readonly delta: Buffer };

/** What a hand-made pack may lie about. */
export interface PackLies {
  readonly objectCount?: number;
  /** Size that every entry claims instead of its own. */
  readonly size?: number;
  readonly trailer?: Buffer;
  /** Bytes between the last entry and the trailer. */
  readonly extra?: Buffer;
}

const typeNumbers = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;

/** Writes a pack as Git does (gitformat-pack), or nearly. */
export function buildPack(
  entries: readonly FixtureEntry[],
  lies: PackLies = {},
  format: ObjectFormat = 'sha1',
): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(lies.objectCount ?? entries.length, 8);
  const parts: Buffer[] = [head];
  const offsets: number[] = [];
  let at = head.length;
  for (const entry of entries) {
    const bytes = writeEntry(entry, at, offsets, lies.size);
    offsets.push(at);
    parts.push(bytes);
    at += bytes.length;
  }
  if (lies.extra !== undefined) parts.push(lies.extra);
  const body = Buffer.concat(parts);
  return Buffer.concat([body, lies.trailer ?? createHash(format).update(body).digest()]);
}

function writeEntry(entry: FixtureEntry, at: number, offsets: readonly number[], size?: number): Buffer {
  if ('type' in entry) {
    return Buffer.concat([
      entryHead(typeNumbers[entry.type], size ?? entry.data.length),
      entry.compressed ?? deflateSync(entry.data),
    ]);
  }
  const compressed = deflateSync(entry.delta);
  const claimed = size ?? entry.delta.length;
  if ('onId' in entry) {
    return Buffer.concat([entryHead(7, claimed), Buffer.from(entry.onId, 'hex'), compressed]);
  }
  return Buffer.concat([entryHead(6, claimed), distance(at - (offsets[entry.onEntry] ?? 0)), compressed]);
}

function entryHead(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  bytes.push((type << 4) | (size % 16) | (rest > 0 ? 0x80 : 0));
  while (rest > 0) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(low | (rest > 0 ? 0x80 : 0));
  }
  return Buffer.from(bytes);
}

function distance(value: number): Buffer {
  const bytes = [value % 128];
  let rest = Math.floor(value / 128);
  while (rest > 0) {
    rest -= 1;
    bytes.unshift((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from(bytes);
}

/** One instruction of a delta. */
export type DeltaStep =
  | { readonly copy: readonly [offset: number, size: number] }
  | { readonly insert: Buffer };

/** Writes a delta from its instructions. */
export function buildDelta(baseSize: number, resultSize: number, steps: readonly DeltaStep[]): Buffer {
  const parts = [deltaSize(baseSize), deltaSize(resultSize)];
  for (const step of steps) {
    parts.push(
      'copy' in step ? copyStep(...step.copy) : Buffer.concat([Buffer.of(step.insert.length), step.insert]),
    );
  }
  return Buffer.concat(parts);
}

/** A delta that keeps the common beginning of two contents and inserts the rest. */
export function deltaBetween(base: Buffer, result: Buffer): Buffer {
  let same = 0;
  while (same < base.length && same < result.length && base[same] === result[same]) same += 1;
  const steps: DeltaStep[] = same === 0 ? [] : [{ copy: [0, same] }];
  for (let at = same; at < result.length; at += 127) steps.push({ insert: result.subarray(at, at + 127) });
  return buildDelta(base.length, result.length, steps);
}

function deltaSize(size: number): Buffer {
  const bytes: number[] = [];
  let rest = size;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(low | (rest > 0 ? 0x80 : 0));
  } while (rest > 0);
  return Buffer.from(bytes);
}

function copyStep(offset: number, size: number): Buffer {
  let code = 0x80;
  const bytes: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    const byte = Math.floor(offset / 2 ** (8 * index)) % 256;
    if (byte === 0) continue;
    code |= 1 << index;
    bytes.push(byte);
  }
  // 65,536 is written as no size at all.
  const written = size === 0x10000 ? 0 : size;
  for (let index = 0; index < 3; index += 1) {
    const byte = Math.floor(written / 2 ** (8 * index)) % 256;
    if (byte === 0) continue;
    code |= 1 << (4 + index);
    bytes.push(byte);
  }
  return Buffer.from([code, ...bytes]);
}

/** A zlib stream of one byte (RFC 1950, 1951) that begins with empty stored blocks, five bytes each, for nothing. */
export function wastefulZlib(byte: number, emptyBlocks: number): Buffer {
  const empty = Buffer.from([0, 0, 0, 0xff, 0xff]);
  const last = Buffer.from([1, 1, 0, 0xfe, 0xff, byte]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE((byte + 1) * 0x10000 + byte + 1);
  return Buffer.concat([
    Buffer.from([0x78, 0x01]),
    ...Array<Buffer>(emptyBlocks).fill(empty),
    last,
    checksum,
  ]);
}
