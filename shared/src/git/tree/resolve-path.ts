import { err, type GitId, ok, type Result } from '../../base/index.ts';
import type { TreeEntry } from '../git-object.ts';
import { nearNames, suggestion } from '../refs/near-names.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { judgeName } from './entry-name.ts';
import { readTree } from './read-object.ts';

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
  store: ObjectStore,
  treeId: GitId,
  path: string,
): Promise<Result<TreeEntry, PathProblem>> {
  const parts = splitPath(path);
  if (!parts.ok) return parts;
  let entry: TreeEntry = { name: '', kind: 'tree', id: treeId };
  const walked: string[] = [];
  for (const part of parts.value) {
    const here = walked.join('/');
    if (entry.kind !== 'tree') return problem('PATH_THROUGH_FILE', `${here} is a file, not a folder`);
    const entries = await readTree(store, entry.id);
    const next = entries.find(({ name }) => name === part);
    if (next === undefined) return missing(part, here, entries);
    walked.push(part);
    if (next.kind === 'symlink') return problem('PATH_SYMLINK', `${walked.join('/')} is a symbolic link`);
    if (next.kind === 'submodule') return problem('PATH_SUBMODULE', `${walked.join('/')} is a submodule`);
    entry = next;
  }
  return ok(entry);
}

function splitPath(path: string): Result<readonly string[], PathProblem> {
  const trimmed = path.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (trimmed === '' && path.startsWith('/')) return invalid(path);
  if (trimmed === '' || trimmed === '.') return ok([]);
  const parts = trimmed.split('/');
  return parts.some((part) => judgeName(part) !== undefined) ? invalid(path) : ok(parts);
}

function invalid(path: string): Result<never, PathProblem> {
  const shown = JSON.stringify(path.slice(0, 200));
  return problem('PATH_INVALID', `${shown} is not a relative path of plain names separated by "/"`);
}

function missing(part: string, folder: string, entries: readonly TreeEntry[]): Result<never, PathProblem> {
  const where = folder === '' ? 'the repository' : folder;
  const near = nearNames(
    part,
    entries.map(({ name }) => name),
  );
  return problem('PATH_MISSING', `there is no ${JSON.stringify(part)} in ${where}${suggestion(near)}`);
}

function problem(code: PathProblem['code'], text: string): Result<never, PathProblem> {
  return err({ code, text });
}
