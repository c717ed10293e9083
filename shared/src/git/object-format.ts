import type { GitId } from '../base/index.ts';

/** The hash function of a repository (gitformat-hash: `object-format` capability). */
export type ObjectFormat = 'sha1' | 'sha256';

/** Bytes of an object id in trees, deltas and pack trailers. */
export function idBytes(format: ObjectFormat): 20 | 32 {
  return format === 'sha1' ? 20 : 32;
}

/** The format that an id of this length belongs to. */
export function formatOf(id: GitId): ObjectFormat {
  return id.length === 40 ? 'sha1' : 'sha256';
}
