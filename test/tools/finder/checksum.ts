import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/**
 * The SHA-256 that a checksum file gives for a file, lower-case hex; undefined when it names none.
 * Reads both forms that releases use: one bare sum, or lines of `sum  file` (also `sum *file`).
 */
export function findChecksum(text: string, fileName: string): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const [only] = lines;
  if (lines.length === 1 && only !== undefined && /^[0-9a-f]{64}$/i.test(only.trim())) {
    return only.trim().toLowerCase();
  }
  for (const line of lines) {
    const found = /^([0-9a-f]{64})\s+\*?(?:.*\/)?([^/\s]+)\s*$/i.exec(line);
    if (found?.[2] === fileName) return found[1]?.toLowerCase();
  }
  return undefined;
}

/** SHA-256 of a file on disk, lower-case hex. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest('hex');
}
