import type { GitId } from '@flotilla/shared/base';
import type { CommitInfo, TreeRef } from '@flotilla/shared/model';
import type { LocatedError } from '../fleet-spec/index.ts';

/** A source at one commit, as the closure and the release see it. */
export interface SourceSnapshot {
  readonly repositoryUrl: string;
  readonly credential: string | undefined;
  readonly requiredSigners: readonly string[];
  readonly caBundlePem: string | undefined;
  readonly ref: string;
  readonly commit: CommitInfo;
  readonly tree: SourceTree;
}

/** Everything below the root tree of a commit, by path; ids only. Built once per commit by `sourceTreeOf`. */
export interface SourceTree {
  readonly treeId: GitId;
  readonly entries: ReadonlyMap<string, SourceEntry>;
}

/** One entry of a tree. */
export interface SourceEntry {
  readonly kind: 'file' | 'folder' | 'symlink' | 'submodule';
  readonly id: GitId;
}

/**
 * One step of finding all trees that a path needs: `need` names blobs whose text must be known (call again with them
 * added), `done` has the trees, the path itself first, `failed` says where and why.
 */
export type ClosureStep =
  | { readonly kind: 'need'; readonly blobs: readonly GitId[] }
  | { readonly kind: 'done'; readonly trees: readonly TreeRef[] }
  | { readonly kind: 'failed'; readonly errors: readonly LocatedError[] };
