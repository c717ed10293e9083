import { type GitId, limits } from '../../base/index.ts';
import { byteBoundedCache } from '../byte-bounded-cache.ts';
import type { GitObject } from '../git-object.ts';
import type { ObjectStore } from './object-store.ts';
import { tooLargeNotes } from './too-large-notes.ts';

/**
 * A store in memory, bounded in bytes; default `limits.gitMemoryStoreBytesMax`. The bound holds at every moment, so it
 * must exceed what one fetch brings. For tests and short-lived work.
 */
export function memoryStore(options: { readonly bytesMax?: number } = {}): ObjectStore {
  const bytesMax = options.bytesMax ?? limits.gitMemoryStoreBytesMax;
  const objects = byteBoundedCache<GitId, GitObject>(bytesMax, (object) => object.data.length);
  const notes = tooLargeNotes();
  async function close(): Promise<void> {}
  return {
    has: async (id) => objects.has(id),
    get: async (id) => objects.get(id),
    put: async (object) => objects.set(object.id, object),
    noteTooLarge: async (id, sizeBytes) => {
      notes.set(id, sizeBytes);
    },
    tooLargeSize: async (id) => notes.get(id),
    trim: async () => {},
    usage: () => ({ objects: objects.size, bytes: objects.bytes, corrupt: 0 }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
