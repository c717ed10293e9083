import type { GitId } from '@flotilla/shared/base';
import type { CommitInfo } from '@flotilla/shared/model';

/** An entry of a tree, with its path from the tree's root. */
export interface LocalEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'submodule';
  readonly id: GitId;
}

/** A state of a folder, by the ids that Git gives. */
export interface LocalTree {
  readonly treeId: GitId;
  readonly entries: readonly LocalEntry[];
  /** Undefined for a working tree. */
  readonly commit: CommitInfo | undefined;
}

/** A folder of this machine as the control repository that it is. Disposing removes what was written to read it. */
export interface LocalRepository extends AsyncDisposable {
  /** As it lies there, with what is not committed; what Git ignores is left out. */
  workingTree(signal: AbortSignal): Promise<LocalTree>;
  /** At a branch, tag or commit. Rejects with CliError when there is none, or no Git repository at all. */
  revision(ref: string, signal: AbortSignal): Promise<LocalTree>;
  /** What files of two trees differ in, as `git diff` prints it; '' without git. */
  diff(trees: readonly [GitId, GitId], paths: readonly string[], signal: AbortSignal): Promise<string>;
  /** Contents of blobs of trees that were read; those that are not there are left out. */
  contents(ids: readonly GitId[], signal: AbortSignal): Promise<ReadonlyMap<GitId, Uint8Array>>;
}
