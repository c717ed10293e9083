import type { GitId } from '../base/index.ts';
import type { Commit, TreeEntry } from './git-object.ts';
import type { ObjectStore } from './object-store.ts';

/** The entries of one tree, in Git's order. Throws GIT_OBJECT_MISSING, GIT_CORRUPT_OBJECT. */
export async function readTree(_store: ObjectStore, _id: GitId): Promise<readonly TreeEntry[]> {
  throw new Error('being built');
}

/** A commit. Throws GIT_OBJECT_MISSING, GIT_CORRUPT_OBJECT. */
export async function readCommit(_store: ObjectStore, _id: GitId): Promise<Commit> {
  throw new Error('being built');
}

/** The content of a file. Throws GIT_OBJECT_MISSING, and GIT_TOO_LARGE above `bytesMax` (default `limits.fileBytesMax`). */
export async function readBlob(_store: ObjectStore, _id: GitId, _bytesMax?: number): Promise<Buffer> {
  throw new Error('being built');
}
