import type { GitId } from '../../base/index.ts';
import type { GitObject, TreeEntry } from '../git-object.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readTree } from './read-object.ts';

/** Where objects are read from: ids are verified by whoever reads. */
export interface ObjectSource {
  read(id: GitId): Promise<GitObject | undefined>;
}

/** What is copied. */
export interface CopyRequest {
  readonly store: ObjectStore;
  readonly treeIds: readonly GitId[];
  /** Larger blobs are noted, not copied. */
  readonly objectBytesMax: number;
}

/**
 * Copies trees and everything below them into a store; what is there already is not read again, except trees.
 * Returns how many objects the source did not have. Throws GIT_CORRUPT_OBJECT.
 */
export async function copyTrees(
  source: ObjectSource,
  request: CopyRequest,
  signal: AbortSignal,
): Promise<number> {
  const { store } = request;
  const seen = new Set<GitId>(request.treeIds);
  const queue = [...seen];
  let missing = 0;
  for (const id of queue) {
    signal.throwIfAborted();
    if (!(await copyObject(source, request, id))) {
      missing += 1;
      continue;
    }
    for (const entry of await readTree(store, id)) {
      if (seen.has(entry.id) || entry.kind === 'submodule') continue;
      seen.add(entry.id);
      if (entry.kind === 'tree') queue.push(entry.id);
      else if (!(await copyBlob(source, request, entry))) missing += 1;
    }
  }
  return missing;
}

async function copyBlob(source: ObjectSource, request: CopyRequest, entry: TreeEntry): Promise<boolean> {
  if ((await request.store.tooLargeSize(entry.id)) !== undefined) return true;
  return copyObject(source, request, entry.id);
}

async function copyObject(source: ObjectSource, request: CopyRequest, id: GitId): Promise<boolean> {
  if (await request.store.has(id)) return true;
  const object = await source.read(id);
  if (object === undefined) return false;
  if (object.type === 'blob' && object.data.length > request.objectBytesMax) {
    await request.store.noteTooLarge(id, object.data.length);
  } else {
    await request.store.put(object);
  }
  return true;
}
