import type { ObjectStore } from './object-store.ts';

/** A store in memory, bounded in bytes; default 64 MiB. For tests and short-lived work. */
export function memoryStore(_options: { readonly bytesMax?: number } = {}): ObjectStore {
  throw new Error('being built');
}
