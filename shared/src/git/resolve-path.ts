import type { GitId, Result } from '../base/index.ts';
import type { TreeEntry } from './git-object.ts';
import type { ObjectStore } from './object-store.ts';

/** Why a path leads nowhere. */
export interface PathProblem {
  readonly code: 'PATH_MISSING' | 'PATH_INVALID' | 'PATH_THROUGH_FILE' | 'PATH_SYMLINK' | 'PATH_SUBMODULE';
  /** A sentence for people; a missing part names near ones. */
  readonly text: string;
}

/**
 * Follows a path from a tree, reading only the trees on the way. `` and `.` give the tree itself (entry without a name).
 * Symlinks and submodules on the way or at the end are refused by name. Throws GIT_OBJECT_MISSING.
 */
export async function resolvePath(
  _store: ObjectStore,
  _treeId: GitId,
  _path: string,
): Promise<Result<TreeEntry, PathProblem>> {
  throw new Error('being built');
}
