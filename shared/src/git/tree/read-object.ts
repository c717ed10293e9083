import { type GitId, limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import type { Commit, GitObject, ObjectType, TreeEntry } from '../git-object.ts';
import { formatOf } from '../object-format.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { parseCommit } from './parse-commit.ts';
import { parseTree } from './parse-tree.ts';

/** The entries of one tree, in Git's order. Throws GIT_OBJECT_MISSING, GIT_CORRUPT_OBJECT. */
export async function readTree(store: ObjectStore, id: GitId): Promise<readonly TreeEntry[]> {
  const { data } = await readObject(store, id, 'tree');
  const entries = parseTree(data, formatOf(id));
  if (!entries.ok) throw new GitError('GIT_CORRUPT_OBJECT', `tree ${id} ${entries.error}`);
  return entries.value;
}

/** A commit. Throws GIT_OBJECT_MISSING, GIT_CORRUPT_OBJECT. */
export async function readCommit(store: ObjectStore, id: GitId): Promise<Commit> {
  const { data } = await readObject(store, id, 'commit');
  const commit = parseCommit(id, data);
  if (!commit.ok) throw new GitError('GIT_CORRUPT_OBJECT', `commit ${id} ${commit.error}`);
  return commit.value;
}

/**
 * The content of a file. Throws GIT_OBJECT_MISSING, GIT_CORRUPT_OBJECT when it is no blob, and GIT_TOO_LARGE above
 * `bytesMax` (default `limits.fileBytesMax`).
 */
export async function readBlob(
  store: ObjectStore,
  id: GitId,
  bytesMax: number = limits.fileBytesMax,
): Promise<Buffer> {
  const { data } = await readObject(store, id, 'blob');
  if (data.length <= bytesMax) return data;
  throw new GitError('GIT_TOO_LARGE', `blob ${id} has ${data.length} bytes, more than ${bytesMax}`);
}

async function readObject(store: ObjectStore, id: GitId, type: ObjectType): Promise<GitObject> {
  const object = await store.get(id);
  if (object === undefined)
    throw new GitError('GIT_OBJECT_MISSING', `${type} ${id} is not in the local store`);
  if (object.type === type) return object;
  throw new GitError('GIT_CORRUPT_OBJECT', `object ${id} is a ${object.type}, not a ${type}`);
}
