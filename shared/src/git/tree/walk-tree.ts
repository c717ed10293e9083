import { type GitId, limits } from '../../base/index.ts';
import type { TreeEntry } from '../git-object.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { foldName, judgeName } from './entry-name.ts';
import { readBlob, readTree } from './read-object.ts';
import type { TreeFile, TreeLimits, TreeListing, TreeProblem, TreeProblemCode } from './tree-listing.ts';

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
  store: ObjectStore,
  treeId: GitId,
  options: WalkOptions,
  signal: AbortSignal,
): Promise<TreeListing> {
  const walk: Walk = {
    store,
    blobs: options.blobs,
    limits: { ...defaultLimits, ...options.limits },
    signal,
    files: [],
    problems: [],
    entries: 0,
    bytes: 0,
    isFull: false,
  };
  await walkFolder(walk, { id: treeId, path: '', depth: 1 });
  walk.files.sort(byPath);
  walk.problems.sort(byPath);
  return { files: walk.files, problems: walk.problems, bytes: walk.bytes };
}

const defaultLimits: TreeLimits = {
  depthMax: limits.treeDepthMax,
  filesMax: limits.treeFilesMax,
  fileBytesMax: limits.fileBytesMax,
  totalBytesMax: limits.treeBytesMax,
};

interface Walk {
  readonly store: ObjectStore;
  readonly blobs: WalkOptions['blobs'];
  readonly limits: TreeLimits;
  readonly signal: AbortSignal;
  readonly files: TreeFile[];
  readonly problems: TreeProblem[];
  /** Everything seen, folders too: a few trees that hold each other many times over make endless paths without a file. */
  entries: number;
  bytes: number;
  /** Set when a limit ended the listing. */
  isFull: boolean;
}

interface Folder {
  readonly id: GitId;
  /** Empty for the tree that is walked. */
  readonly path: string;
  /** Of its entries; 1 at the top. */
  readonly depth: number;
}

async function walkFolder(walk: Walk, folder: Folder): Promise<void> {
  walk.signal.throwIfAborted();
  const entries = await readTree(walk.store, folder.id);
  const clashing = clashes(entries);
  for (const entry of entries) {
    if (walk.isFull) return;
    const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
    walk.entries += 1;
    if (walk.entries > walk.limits.filesMax) return fill(walk, path, 'TOO_MANY_FILES');
    const nameProblem =
      judgeName(entry.name) ?? (clashing.has(foldName(entry.name)) ? 'CASE_CLASH' : undefined);
    if (nameProblem !== undefined) report(walk, path, nameProblem);
    else await visit(walk, entry, path, folder.depth);
  }
}

/** Folded names that more than one entry has. */
function clashes(entries: readonly TreeEntry[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of entries) {
    const folded = foldName(name);
    if (seen.has(folded)) twice.add(folded);
    seen.add(folded);
  }
  return twice;
}

async function visit(walk: Walk, entry: TreeEntry, path: string, depth: number): Promise<void> {
  switch (entry.kind) {
    case 'symlink':
      return report(walk, path, 'SYMLINK');
    case 'submodule':
      return report(walk, path, 'SUBMODULE');
    case 'tree':
      if (depth >= walk.limits.depthMax) return report(walk, path, 'TOO_DEEP');
      return walkFolder(walk, { id: entry.id, path, depth: depth + 1 });
    case 'file':
    case 'executable':
      return addFile(walk, { path, mode: entry.kind, id: entry.id });
  }
}

async function addFile(walk: Walk, file: TreeFile): Promise<void> {
  if (walk.blobs === 'ignored') {
    walk.files.push(file);
    return;
  }
  if ((await walk.store.tooLargeSize(file.id)) !== undefined && !(await walk.store.has(file.id))) {
    return report(walk, file.path, 'FILE_TOO_LARGE');
  }
  const data = await readBlob(walk.store, file.id, Number.POSITIVE_INFINITY);
  if (data.length > walk.limits.fileBytesMax) return report(walk, file.path, 'FILE_TOO_LARGE');
  if (isLfsPointer(data)) return report(walk, file.path, 'LFS_POINTER');
  if (walk.bytes + data.length > walk.limits.totalBytesMax) return fill(walk, file.path, 'TREE_TOO_LARGE');
  walk.bytes += data.length;
  walk.files.push({ ...file, size: data.length });
}

/** A pointer is under 1,024 bytes and begins with its version (git-lfs specification). */
function isLfsPointer(data: Buffer): boolean {
  return (
    data.length < 1_024 &&
    data.toString('latin1', 0, 42).startsWith('version https://git-lfs.github.com/spec/')
  );
}

const texts: Readonly<Record<TreeProblemCode, (walk: Walk) => string>> = {
  SYMLINK: () => 'is a symbolic link; links are not followed',
  SUBMODULE: () => 'is a submodule; submodules are not fetched',
  GIT_NAME: () => 'has a name that some file systems take for .git',
  UNSAFE_NAME: () => 'has a name that is not safe as a file name',
  CASE_CLASH: () => 'differs from another name in its folder only by case or Unicode form',
  LFS_POINTER: () => 'is a pointer of Git LFS; its content is not in the repository',
  TOO_DEEP: (walk) => `lies deeper than ${walk.limits.depthMax} folders`,
  FILE_TOO_LARGE: (walk) => `is larger than ${walk.limits.fileBytesMax} bytes`,
  TOO_MANY_FILES: (walk) =>
    `and what follows are left out: more than ${walk.limits.filesMax} files and folders`,
  TREE_TOO_LARGE: (walk) => `and what follows are left out: more than ${walk.limits.totalBytesMax} bytes`,
};

function report(walk: Walk, path: string, code: TreeProblemCode): void {
  walk.problems.push({ path, code, text: `${JSON.stringify(path)} ${texts[code](walk)}` });
}

function fill(walk: Walk, path: string, code: TreeProblemCode): void {
  walk.isFull = true;
  report(walk, path, code);
}

function byPath(left: { readonly path: string }, right: { readonly path: string }): number {
  if (left.path === right.path) return 0;
  return left.path < right.path ? -1 : 1;
}
