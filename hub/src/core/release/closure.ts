import { type GitId, limits } from '@flotilla/shared/base';
import type { TreeRef } from '@flotilla/shared/model';
import { compareLocated, type LocatedError, type Location, type PathSpec } from '../fleet-spec/index.ts';
import { type KustomizeReference, kustomizationNames, readKustomization } from './read-kustomization.ts';
import { folderAt, type SourceTree } from './snapshot.ts';
import { folderProblems, isWithin, joinPath, parentOf } from './source-path.ts';

/**
 * One step of finding all trees that a path needs: `need` names blobs whose text must be known (call again with them
 * added), `done` has the trees, the path itself first, `failed` says where and why.
 */
export type ClosureStep =
  | { readonly kind: 'need'; readonly blobs: readonly GitId[] }
  | { readonly kind: 'done'; readonly trees: readonly TreeRef[] }
  | { readonly kind: 'failed'; readonly errors: readonly LocatedError[] };

/**
 * Finds the trees that a path needs: itself, `includes`, and what its kustomization files name outside of them, followed
 * to the end. Everything must be in the same commit; URLs, links and missing paths are errors where they are written.
 */
export function closureOf(input: ClosureInput, texts: ReadonlyMap<GitId, string>): ClosureStep {
  const { tree } = input;
  const folders = new Map<string, Location>();
  for (const one of [input.path, ...input.includes]) folders.set(one.path, one.at);
  const errors: LocatedError[] = [];
  const needed: GitId[] = [];
  const seen = new Set<string>();
  const queue = [...folders];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [folder, at] = next;
    if (seen.has(folder)) continue;
    seen.add(folder);
    if (seen.size > limits.kustomizationsMax) {
      const text = `more than ${limits.kustomizationsMax} kustomizations hang together here`;
      return { kind: 'failed', errors: [{ ...at, code: 'LIMIT', text }] };
    }
    errors.push(...folderProblems(tree, folder, at));
    const read = input.mayBeKustomize ? readFolder(tree, folder, texts) : nothingRead;
    if (read.kind === 'need') needed.push(read.blob);
    else {
      errors.push(...read.errors);
      for (const one of read.folders) {
        folders.set(one.path, folders.get(one.path) ?? one.at);
        if (one.isKustomization) queue.push([one.path, one.at]);
      }
    }
  }
  if (needed.length > 0) return { kind: 'need', blobs: [...new Set(needed)].sort() };
  if (errors.length > 0) return { kind: 'failed', errors: unique(errors) };
  return { kind: 'done', trees: treesOf(tree, input.path.path, [...folders.keys()]) };
}

/** What to find the trees of. */
export interface ClosureInput {
  readonly path: PathSpec;
  readonly includes: readonly PathSpec[];
  readonly tree: SourceTree;
  /** False for renderers that do not read kustomization files. */
  readonly mayBeKustomize: boolean;
}

/** A folder that a kustomization file needs. */
interface NeededFolder extends PathSpec {
  /** Named as a folder, so it has a kustomization file of its own. */
  readonly isKustomization: boolean;
}

type FolderRead =
  | { readonly kind: 'need'; readonly blob: GitId }
  | {
      readonly kind: 'read';
      readonly folders: readonly NeededFolder[];
      readonly errors: readonly LocatedError[];
    };

const nothingRead: FolderRead = { kind: 'read', folders: [], errors: [] };

function readFolder(tree: SourceTree, folder: string, texts: ReadonlyMap<GitId, string>): FolderRead {
  for (const name of kustomizationNames) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const entry = tree.entries.get(path);
    if (entry?.kind !== 'file') continue;
    const text = texts.get(entry.id);
    if (text === undefined) return { kind: 'need', blob: entry.id };
    const references = readKustomization(path, text);
    if (!references.ok) return { kind: 'read', folders: [], errors: references.error };
    return follow(tree, folder, references.value);
  }
  return { kind: 'read', folders: [], errors: [] };
}

function follow(tree: SourceTree, folder: string, references: readonly KustomizeReference[]): FolderRead {
  const folders: NeededFolder[] = [];
  const errors: LocatedError[] = [];
  for (const reference of references) {
    const path = joinPath(folder, reference.text);
    const kind = path === '' ? 'folder' : tree.entries.get(path ?? '\0')?.kind;
    if (path !== undefined && kind === 'folder' && reference.kind === 'entry') {
      folders.push({ path, at: reference.at, isKustomization: true });
    } else if (path !== undefined && kind === 'file') {
      folders.push({ path: parentOf(path), at: reference.at, isKustomization: false });
    } else {
      errors.push({ ...reference.at, ...referenceProblem(reference, path, kind) });
    }
  }
  return { kind: 'read', folders, errors };
}

function referenceProblem(
  reference: KustomizeReference,
  path: string | undefined,
  kind: string | undefined,
): Pick<LocatedError, 'code' | 'text'> {
  const { text } = reference;
  if (kind === undefined && isRemote(text)) {
    return {
      code: 'REMOTE_RESOURCE',
      text: `${text} is remote, which is refused; commit it into the repository`,
    };
  }
  if (path === undefined) return { code: 'PATH_MISSING', text: `${text} leaves the repository` };
  if (kind === 'symlink') return { code: 'SYMLINK', text: `${path} is a symbolic link, which is refused` };
  if (kind === 'submodule') return { code: 'SUBMODULE', text: `${path} is a submodule, which is refused` };
  if (kind === 'folder')
    return { code: 'PATH_MISSING', text: `${path} is a folder, but a file is needed here` };
  return { code: 'PATH_MISSING', text: `there is no ${path} in the repository` };
}

/** What kustomize would try to fetch: URLs, scp-like and host-like paths, anything with a ref. */
function isRemote(text: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:/i.test(text) ||
    /^[^/\s]+@[^/\s]+:/.test(text) ||
    /[?&]ref=/.test(text) ||
    text.includes('//') ||
    /^[a-z0-9-]+(\.[a-z0-9-]+)+\/[^/]+\/[^/]+/i.test(text)
  );
}

/** Trees of the folders, the path first, without those that lie inside another. */
function treesOf(tree: SourceTree, path: string, folders: readonly string[]): readonly TreeRef[] {
  const others = [...new Set(folders)].sort().filter((one) => !isWithin(one, path));
  const outermost = others.filter((one) => !others.some((other) => other !== one && isWithin(one, other)));
  return [path, ...outermost].flatMap((one) => {
    const treeId = folderAt(tree, one);
    return treeId === undefined ? [] : [{ path: one, treeId }];
  });
}

function unique(errors: readonly LocatedError[]): readonly LocatedError[] {
  const sorted = [...errors].sort(compareLocated);
  return sorted.filter((one, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareLocated(before, one) !== 0;
  });
}
