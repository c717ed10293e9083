import { didYouMean, type LocatedError, type Location } from '../fleet-spec/index.ts';
import { folderAt, pathsBelow, type SourceTree } from './snapshot.ts';

/** Joins a relative path to a folder, both inside a repository; undefined when it leaves the repository. */
export function joinPath(folder: string, relative: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** The folder that a path lies in; `` for what lies in the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Whether a path is a folder or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** Why a path is not a folder that can be rendered: missing, a file, a symlink or submodule on the way or inside. */
export function folderProblems(tree: SourceTree, path: string, at: Location): readonly LocatedError[] {
  const onTheWay = wayProblem(tree, path);
  if (onTheWay !== undefined) return [{ ...at, ...onTheWay }];
  return pathsBelow(tree, path).flatMap((below) => {
    const kind = tree.entries.get(below)?.kind;
    return kind === 'symlink' || kind === 'submodule' ? [{ ...at, ...linkProblem(below, kind) }] : [];
  });
}

type Problem = Pick<LocatedError, 'code' | 'text'>;

function wayProblem(tree: SourceTree, path: string): Problem | undefined {
  if (path === '') return undefined;
  const parts = path.split('/');
  for (let count = 1; count <= parts.length; count += 1) {
    const step = parts.slice(0, count).join('/');
    const kind = tree.entries.get(step)?.kind;
    if (kind === 'symlink' || kind === 'submodule') return linkProblem(step, kind);
    if (kind === 'file') return { code: 'PATH_MISSING', text: `${step} is a file, not a folder` };
    if (kind === undefined) return missing(tree, parts.slice(0, count - 1).join('/'), step, path);
  }
  return undefined;
}

function linkProblem(path: string, kind: 'symlink' | 'submodule'): Problem {
  return kind === 'symlink'
    ? { code: 'SYMLINK', text: `${path} is a symbolic link, which is refused; commit the file itself` }
    : {
        code: 'SUBMODULE',
        text: `${path} is a submodule, which is refused; name its repository as a Source`,
      };
}

function missing(tree: SourceTree, parent: string, step: string, path: string): Problem {
  const siblings = pathsBelow(tree, parent).filter(
    (one) => parentOf(one) === parent && folderAt(tree, one) !== undefined,
  );
  return { code: 'PATH_MISSING', text: `there is no folder ${path}${didYouMean(step, siblings)}` };
}
