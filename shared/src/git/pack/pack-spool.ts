import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { idBytes, type ObjectFormat } from '../object-format.ts';

/** A whole pack, checked to begin and end as one, readable anywhere. Dispose to free its memory or file. */
export interface PackSpool extends AsyncDisposable {
  /** Bytes of the pack, trailer included. */
  readonly size: number;
  readonly objectCount: number;
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** What bounds a pack that arrives. */
export interface SpoolOptions {
  readonly format: ObjectFormat;
  readonly packBytesMax: number;
  readonly packObjectsMax: number;
  /** Where a pack above `limits.gitSpoolMemoryBytesMax` goes. */
  readonly scratchFolder: string;
  /** For messages: whose pack it is. */
  readonly shownUrl: string;
}

/** Bytes of `PACK`, version and count. */
export const packHeaderBytes = 12;

/** Takes in a pack. Throws GIT_TOO_LARGE as soon as a bound is passed, GIT_TRUNCATED_PACK, GIT_CORRUPT_PACK. */
export async function spoolPack(chunks: AsyncIterable<Buffer>, options: SpoolOptions): Promise<PackSpool> {
  const sink = memoryThenFile(options.scratchFolder);
  try {
    const summary = await receive(chunks, sink, options);
    return { ...summary, read: sink.read, [Symbol.asyncDispose]: sink.close };
  } catch (caught) {
    await sink.close();
    throw caught;
  }
}

async function receive(chunks: AsyncIterable<Buffer>, sink: Sink, options: SpoolOptions) {
  const trailer = trailingHash(options.format);
  let size = 0;
  let head: Buffer = Buffer.alloc(0);
  let objectCount: number | undefined;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > options.packBytesMax) {
      throw new GitError(
        'GIT_TOO_LARGE',
        `the pack of ${options.shownUrl} exceeds ${options.packBytesMax} bytes`,
      );
    }
    if (objectCount === undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length >= packHeaderBytes) objectCount = readPackHeader(head, options);
    }
    trailer.update(chunk);
    await sink.write(chunk);
  }
  if (objectCount === undefined || size < packHeaderBytes + idBytes(options.format)) {
    throw new GitError('GIT_TRUNCATED_PACK', `the pack of ${options.shownUrl} ends early`);
  }
  if (!trailer.matches()) {
    throw new GitError('GIT_CORRUPT_PACK', `the pack of ${options.shownUrl} does not match its checksum`);
  }
  return { size, objectCount };
}

/** `PACK`, version 2 or 3, number of objects (gitformat-pack). */
function readPackHeader(head: Buffer, options: SpoolOptions): number {
  const version = head.readUInt32BE(4);
  if (head.toString('latin1', 0, 4) !== 'PACK' || (version !== 2 && version !== 3)) {
    throw new GitError('GIT_CORRUPT_PACK', `what ${options.shownUrl} sends is no pack`);
  }
  const objectCount = head.readUInt32BE(8);
  if (objectCount > options.packObjectsMax) {
    const text = `the pack of ${options.shownUrl} holds ${objectCount} objects, more than ${options.packObjectsMax}`;
    throw new GitError('GIT_TOO_LARGE', text);
  }
  return objectCount;
}

/** Hashes everything but the last bytes, which must be that hash. */
function trailingHash(format: ObjectFormat) {
  const hash = createHash(format);
  const length = idBytes(format);
  let held: Buffer = Buffer.alloc(0);
  return {
    update(chunk: Buffer): void {
      const bytes = Buffer.concat([held, chunk]);
      const cut = Math.max(0, bytes.length - length);
      hash.update(bytes.subarray(0, cut));
      held = Buffer.from(bytes.subarray(cut));
    },
    matches: (): boolean => hash.digest().equals(held),
  };
}

interface Sink {
  write(chunk: Buffer): Promise<void>;
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Keeps chunks in memory up to the bound, then moves to a file that is removed on close. */
function memoryThenFile(folder: string): Sink {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let file: FileHandle | undefined;
  const path = join(folder, `flotilla-pack-${randomUUID()}`);
  function inMemory(): Buffer {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
    return chunks[0] ?? Buffer.alloc(0);
  }
  return {
    async write(chunk) {
      bytes += chunk.length;
      if (file === undefined && bytes <= limits.gitSpoolMemoryBytesMax) {
        // A copy: the chunk is a window into a network buffer that would be kept alive whole.
        chunks.push(Buffer.from(chunk));
        return;
      }
      if (file === undefined) {
        await mkdir(folder, { recursive: true });
        file = await open(path, 'wx+', 0o600);
        await file.writeFile(inMemory());
        chunks = [];
      }
      await file.writeFile(chunk);
    },
    async read(offset, length) {
      if (file === undefined) return inMemory().subarray(offset, offset + length);
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, bytes - offset)));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    },
    async close() {
      chunks = [];
      if (file === undefined) return;
      await file.close();
      file = undefined;
      await rm(path, { force: true });
    },
  };
}
