import type { ObjectStore } from './object-store.ts';

/** Where and how much. */
export interface FolderStoreOptions {
  /** Made when absent. Laid out as a bare Git repository of loose objects, so `git cat-file` reads it. */
  readonly folder: string;
  /** Bytes on disk; default `limits.gitStoreBytesMax`. */
  readonly bytesMax?: number;
}

/** Opens a store on disk. Throws GIT_STORE_FAILED. Two stores on one folder, also of two processes, do not harm each other. */
export async function openFolderStore(_options: FolderStoreOptions): Promise<ObjectStore> {
  throw new Error('being built');
}
