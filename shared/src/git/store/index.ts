/**
 * Bounded caches of verified objects, on disk and in memory behind one interface.
 * Reading order: object-store, memory-store, loose-object, folder-store.
 */
export { type FolderStoreOptions, openFolderStore } from './folder-store.ts';
export { memoryStore } from './memory-store.ts';
export type { ObjectStore, StoreUsage } from './object-store.ts';
