import type { GitId } from '../../base/index.ts';
import type { ObjectType } from '../git-object.ts';
import { idFromBytes } from '../hash-object.ts';
import { idBytes, type ObjectFormat } from '../object-format.ts';

/** Longest header of an entry: size bytes, then an offset or an id. */
export const entryHeaderBytesMax = 64;

/** The head of one entry of a pack (gitformat-pack). `size` is that of the inflated data that follows. */
export type EntryHeader = { readonly size: number; readonly headerBytes: number } & (
  | { readonly kind: 'whole'; readonly type: ObjectType }
  | { readonly kind: 'ofs-delta'; readonly distance: number }
  | { readonly kind: 'ref-delta'; readonly baseId: GitId }
);

const types: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };

/** Reads the head of an entry; undefined when it is broken or cut off. Pure. */
export function parseEntryHeader(bytes: Buffer, format: ObjectFormat): EntryHeader | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const sized = readEntrySize(bytes, first);
  if (sized === undefined) return undefined;
  const kind = (first >> 4) & 7;
  const type = types[kind];
  if (type !== undefined) return { kind: 'whole', type, size: sized.size, headerBytes: sized.next };
  if (kind === 6) return readOffsetDelta(bytes, sized);
  if (kind === 7) return readRefDelta(bytes, sized, idBytes(format));
  return undefined;
}

interface Sized {
  readonly size: number;
  readonly next: number;
}

/** Four bits in the first byte, then seven a byte, least significant first. */
function readEntrySize(bytes: Buffer, first: number): Sized | undefined {
  let size = first & 15;
  if (first < 0x80) return { size, next: 1 };
  for (let index = 0; index < 6; index += 1) {
    const byte = bytes[index + 1];
    if (byte === undefined) return undefined;
    size += (byte & 0x7f) * 2 ** (4 + 7 * index);
    if (byte < 0x80) return { size, next: index + 2 };
  }
  return undefined;
}

/** Seven bits a byte, most significant first, with one added for each byte that continues. */
function readOffsetDelta(bytes: Buffer, sized: Sized): EntryHeader | undefined {
  let distance = -1;
  for (let index = 0; index < 7; index += 1) {
    const byte = bytes[sized.next + index];
    if (byte === undefined) return undefined;
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      return { kind: 'ofs-delta', distance, size: sized.size, headerBytes: sized.next + index + 1 };
    }
  }
  return undefined;
}

function readRefDelta(bytes: Buffer, sized: Sized, length: number): EntryHeader | undefined {
  const end = sized.next + length;
  if (bytes.length < end) return undefined;
  const baseId = idFromBytes(bytes.subarray(sized.next, end));
  return { kind: 'ref-delta', baseId, size: sized.size, headerBytes: end };
}
