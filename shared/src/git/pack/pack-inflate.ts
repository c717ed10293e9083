import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createInflate, inflateSync } from 'node:zlib';
import { err, errorCode, type GitId, ok, type Result } from '../../base/index.ts';
import { objectHeader } from '../hash-object.ts';
import type { ObjectFormat } from '../object-format.ts';
import type { PackSpool } from './pack-spool.ts';

/** Reads a spool in windows, so that neighbouring entries cost one read. */
export interface WindowReader {
  /** At least `length` bytes from `offset` where the pack has them, without copying when the window holds them. */
  at(offset: number, length: number): Promise<Buffer>;
}

const windowBytes = 262_144;

/** Makes a reader over a spool. */
export function windowReader(spool: PackSpool): WindowReader {
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  return {
    async at(offset, length) {
      const end = Math.min(offset + length, spool.size);
      if (offset < start || end > start + window.length) {
        start = offset;
        window = await spool.read(offset, Math.max(length, windowBytes));
      }
      return window.subarray(offset - start);
    },
  };
}

/** Inflated data and the number of compressed bytes it came from. */
export interface Inflated {
  readonly data: Buffer;
  readonly compressedBytes: number;
}

/** Why a compressed stream gives no object. */
export type InflateFault = 'cut-off' | 'corrupt';

/**
 * Inflates the stream at `offset`, which must give exactly `size` bytes. The output is bounded by `size`, so a bomb
 * costs nothing; the input window grows only when zlib needs more than an honest compressor would.
 */
export async function inflateEntry(
  reader: WindowReader,
  offset: number,
  size: number,
  packEnd: number,
): Promise<Result<Inflated, InflateFault>> {
  for (let length = compressedBound(size); ; length *= 4) {
    const input = await reader.at(offset, length);
    const inflated = tryInflate(input, size);
    if (inflated.ok || inflated.error === 'corrupt') return inflated;
    if (offset + input.length >= packEnd) return err('cut-off');
  }
}

/** zlib's own bound for incompressible data, and room for its header. */
function compressedBound(size: number): number {
  return size + Math.ceil(size / 1_000) + 64;
}

function tryInflate(input: Buffer, size: number): Result<Inflated, InflateFault> {
  try {
    const options = {
      maxOutputLength: Math.max(1, size),
      chunkSize: Math.max(64, Math.min(size + 1, 65_536)),
    };
    // With `info` zlib answers an object, which its types do not say.
    const answer = inflateSync(input, { ...options, info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (answer.buffer.length !== size) return err('corrupt');
    return ok({ data: answer.buffer, compressedBytes: answer.engine.bytesWritten });
  } catch (caught) {
    return err(errorCode(caught) === 'Z_BUF_ERROR' ? 'cut-off' : 'corrupt');
  }
}

/** Inflates a blob that is too large to hold, only to learn its id and where it ends. */
export async function hashLargeBlob(
  spool: PackSpool,
  offset: number,
  size: number,
  format: ObjectFormat,
): Promise<Result<{ readonly id: GitId; readonly compressedBytes: number }, InflateFault>> {
  const hash = createHash(format).update(objectHeader('blob', size));
  const source = Readable.from(windowsFrom(spool, offset));
  const inflate = createInflate();
  let produced = 0;
  try {
    // pipe() carries no errors over, but the source only reads the spool, and its failure ends the input early.
    for await (const chunk of source.pipe(inflate)) {
      // What a zlib stream emits without an encoding is a Buffer.
      const bytes = chunk as Buffer;
      produced += bytes.length;
      if (produced > size) return err('corrupt');
      hash.update(bytes);
    }
  } catch (caught) {
    return err(errorCode(caught) === 'Z_BUF_ERROR' ? 'cut-off' : 'corrupt');
  } finally {
    source.destroy();
    inflate.destroy();
  }
  if (produced !== size) return err('corrupt');
  // A freshly computed digest has the form of an id.
  return ok({ id: hash.digest('hex') as GitId, compressedBytes: inflate.bytesWritten });
}

async function* windowsFrom(spool: PackSpool, offset: number): AsyncGenerator<Buffer> {
  for (let at = offset; at < spool.size; at += windowBytes) yield await spool.read(at, windowBytes);
}
