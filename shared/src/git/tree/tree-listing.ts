import type { GitId } from '../../base/index.ts';

/** A file of a tree. */
export interface TreeFile {
  /** Relative to the tree that was walked, parts separated by `/`. Safe to join under a folder. */
  readonly path: string;
  readonly mode: 'file' | 'executable';
  readonly id: GitId;
  /** Content bytes; undefined when blobs were not fetched. */
  readonly size?: number;
}

/** Why something in a tree is not in `files`. */
export type TreeProblemCode =
  | 'SYMLINK'
  | 'SUBMODULE'
  /** `.git` in any spelling that a file system might take for it. */
  | 'GIT_NAME'
  /** Empty, `.`, `..`, a slash, a backslash, a control character, not UTF-8, or longer than 255 bytes. */
  | 'UNSAFE_NAME'
  /** Two names in one folder that differ only in case or Unicode form. */
  | 'CASE_CLASH'
  | 'LFS_POINTER'
  | 'TOO_DEEP'
  | 'FILE_TOO_LARGE'
  /** More files or bytes than the limits allow; the listing ends there. */
  | 'TOO_MANY_FILES'
  | 'TREE_TOO_LARGE';

/** One thing in a tree that is refused or reported; the caller decides what it means. */
export interface TreeProblem {
  readonly path: string;
  readonly code: TreeProblemCode;
  /** A sentence for people. */
  readonly text: string;
}

/** Bounds of a walk; defaults come from `limits`. */
export interface TreeLimits {
  readonly depthMax: number;
  readonly filesMax: number;
  readonly fileBytesMax: number;
  /** Sum of the sizes of all files. */
  readonly totalBytesMax: number;
}

/** What is in a tree: files sorted by path, and everything that was refused, sorted by path. */
export interface TreeListing {
  readonly files: readonly TreeFile[];
  readonly problems: readonly TreeProblem[];
  /** Sum of the known sizes. */
  readonly bytes: number;
}
