import type { GitId } from '../../base/index.ts';
import { isGitError } from '../git-error.ts';
import type { TreeEntry } from '../git-object.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readTree } from './read-object.ts';

/** What is to be complete. */
export interface CompletenessQuestion {
  readonly store: ObjectStore;
  readonly treeIds: readonly GitId[];
  /** Whether files count too, or only folders. */
  readonly blobs: 'required' | 'ignored';
}

/** Objects that the store lacks. `blobs` is only those under trees that are there. */
export interface MissingObjects {
  readonly trees: readonly GitId[];
  readonly blobs: readonly GitId[];
}

/**
 * Finds what the store lacks below some trees. Every tree is read and so verified; each is looked at once however often
 * it appears. A blob noted as too large counts as present. Throws GIT_CORRUPT_OBJECT.
 */
export async function missingObjects(
  question: CompletenessQuestion,
  signal: AbortSignal,
): Promise<MissingObjects> {
  const { store } = question;
  const seen = new Set<GitId>(question.treeIds);
  const queue = [...seen];
  const trees: GitId[] = [];
  const blobs: GitId[] = [];
  for (const id of queue) {
    signal.throwIfAborted();
    const entries = await heldTree(store, id);
    if (entries === undefined) trees.push(id);
    for (const entry of entries ?? []) {
      // What a submodule points to lives in another repository.
      if (entry.kind === 'submodule' || seen.has(entry.id)) continue;
      seen.add(entry.id);
      if (entry.kind === 'tree') queue.push(entry.id);
      else if (question.blobs === 'required' && (await lacksBlob(store, entry.id))) blobs.push(entry.id);
    }
  }
  return { trees, blobs };
}

async function heldTree(store: ObjectStore, id: GitId): Promise<readonly TreeEntry[] | undefined> {
  try {
    return await readTree(store, id);
  } catch (caught) {
    if (isGitError(caught, 'GIT_OBJECT_MISSING')) return undefined;
    throw caught;
  }
}

async function lacksBlob(store: ObjectStore, id: GitId): Promise<boolean> {
  return !(await store.has(id)) && (await store.tooLargeSize(id)) === undefined;
}
