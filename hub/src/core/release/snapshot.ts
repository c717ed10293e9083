import type { GitId } from '@flotilla/shared/base';
import type { CommitInfo } from '@flotilla/shared/model';

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

/** Everything below the root tree of a commit, ids only. Built once per commit by `sourceTreeOf`. */
export interface SourceTree {
  readonly treeId: GitId;
  /** By path without leading or trailing slash; the root is not in it. */
  readonly entries: ReadonlyMap<string, SourceEntry>;
  /** Keys of `entries`, sorted by code units. */
  readonly paths: readonly string[];
}

/** One entry of a tree. */
export interface SourceEntry {
  readonly kind: 'file' | 'folder' | 'symlink' | 'submodule';
  readonly id: GitId;
}

/** Makes a tree from what GitPort.listTree gives for the root of a commit. */
export function sourceTreeOf(listing: {
  readonly treeId: GitId;
  readonly entries: readonly ({ readonly path: string } & SourceEntry)[];
}): SourceTree {
  const entries = new Map(listing.entries.map(({ path, kind, id }) => [path, { kind, id }]));
  return { treeId: listing.treeId, entries, paths: [...entries.keys()].sort() };
}

/** The folder at a path: its tree id, or undefined when there is no folder. `` is the root. */
export function folderAt(tree: SourceTree, path: string): GitId | undefined {
  if (path === '') return tree.treeId;
  const entry = tree.entries.get(path);
  return entry?.kind === 'folder' ? entry.id : undefined;
}

/** Paths below a folder, sorted; costs a binary search and what it returns. */
export function pathsBelow(tree: SourceTree, folder: string): readonly string[] {
  if (folder === '') return tree.paths;
  const prefix = `${folder}/`;
  const start = lowerBound(tree.paths, prefix);
  let end = start;
  while (tree.paths[end]?.startsWith(prefix) === true) end += 1;
  return tree.paths.slice(start, end);
}

/** Index of the first path that is not before `text`. */
function lowerBound(paths: readonly string[], text: string): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((paths[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
