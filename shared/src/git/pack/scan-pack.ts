import { limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { idBytes } from '../object-format.ts';
import { deltaSizes } from './delta.ts';
import type { IngestOptions } from './ingest-pack.ts';
import { entryHeaderBytesMax, parseEntryHeader } from './pack-entry.ts';
import { hashLargeBlob, inflateEntry, windowReader } from './pack-inflate.ts';
import { type PackSpool, packHeaderBytes } from './pack-spool.ts';

/**
 * Goes through a pack without keeping anything, to learn that it is whole and inflates within bounds: what a library
 * that holds everything in memory must know before it is given the pack. Throws GIT_CORRUPT_PACK, GIT_TRUNCATED_PACK,
 * GIT_TOO_LARGE.
 */
export async function scanPack(spool: PackSpool, options: Omit<IngestOptions, 'store'>): Promise<void> {
  const { format, shownUrl } = options;
  const end = spool.size - idBytes(format);
  const reader = windowReader(spool);
  let offset = packHeaderBytes;
  let inflatedBytes = 0;
  for (let index = 0; index < spool.objectCount; index += 1) {
    options.signal.throwIfAborted();
    const header = parseEntryHeader(
      (await reader.at(offset, entryHeaderBytesMax)).subarray(0, end - offset),
      format,
    );
    if (header === undefined) throw broken(shownUrl, offset);
    const dataOffset = offset + header.headerBytes;
    inflatedBytes += header.size;
    checkInflated(inflatedBytes, options);
    if (header.size > limits.gitBaseCacheBytesMax) {
      const large = await hashLargeBlob(spool, dataOffset, header.size, format);
      if (!large.ok) throw broken(shownUrl, offset);
      offset = dataOffset + large.value.compressedBytes;
      continue;
    }
    const inflated = await inflateEntry(reader, dataOffset, header.size, end);
    if (!inflated.ok) throw broken(shownUrl, offset);
    if (header.kind !== 'whole') inflatedBytes += deltaSizes(inflated.value.data)?.resultSize ?? 0;
    checkInflated(inflatedBytes, options);
    offset = dataOffset + inflated.value.compressedBytes;
  }
  if (offset !== end) throw broken(shownUrl, offset);
}

function checkInflated(bytes: number, options: Omit<IngestOptions, 'store'>): void {
  const max = options.limits.inflatedBytesMax;
  if (bytes <= max) return;
  throw new GitError('GIT_TOO_LARGE', `the pack of ${options.shownUrl} inflates to more than ${max} bytes`);
}

function broken(shownUrl: string, offset: number): GitError {
  return new GitError('GIT_CORRUPT_PACK', `the pack of ${shownUrl} has a broken entry at ${offset}`);
}
