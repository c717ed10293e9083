import type { GitId } from '../base/index.ts';
import type { ObjectStore } from './object-store.ts';
import type { TreeLimits, TreeListing } from './tree-listing.ts';

/** How a tree is walked. */
export interface WalkOptions {
  /** `required`: sizes and LFS pointers are looked at, a blob that is not in the store throws. `ignored`: ids only. */
  readonly blobs: 'required' | 'ignored';
  readonly limits?: Partial<TreeLimits>;
}

/**
 * Lists everything below a tree. Whatever is unsafe or beyond a limit is left out of `files` and named in `problems`.
 * Throws GIT_OBJECT_MISSING, GIT_CORRUPT_OBJECT.
 */
export async function walkTree(
  _store: ObjectStore,
  _treeId: GitId,
  _options: WalkOptions,
  _signal: AbortSignal,
): Promise<TreeListing> {
  throw new Error('being built');
}
