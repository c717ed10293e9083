import type { GitId } from '@flotilla/shared/base';
import type { SeenFile } from './judge-files.ts';
import type { LocatedError } from './located-error.ts';

/** What a commit's tree holds at a path. */
export interface TreeEntry {
  readonly kind: 'file' | 'folder' | 'symlink' | 'submodule';
  readonly id: GitId;
}

/**
 * Files in force that stand behind a symbolic link or a submodule at the commit that is looked at, each with its mistake.
 * A link is never followed, and what it hides did not go: a rule behind it keeps its last good state.
 */
export function linkedFiles(
  tree: ReadonlyMap<string, TreeEntry>,
  inForce: Iterable<string>,
): ReadonlyMap<string, SeenFile> {
  const linked = new Map<string, SeenFile>();
  for (const path of inForce) {
    const link = linkOnTheWay(tree, path);
    if (link === undefined) continue;
    const error = linkError(path, link);
    linked.set(path, { blob: link.id, parsed: { path, isOurs: true, documents: [], errors: [error] } });
  }
  return linked;
}

interface Link {
  readonly path: string;
  readonly kind: 'symlink' | 'submodule';
  readonly id: GitId;
}

/** The first link among a path's folders and the path itself. */
function linkOnTheWay(tree: ReadonlyMap<string, TreeEntry>, path: string): Link | undefined {
  const parts = path.split('/');
  for (let count = 1; count <= parts.length; count += 1) {
    const step = parts.slice(0, count).join('/');
    const entry = tree.get(step);
    if (entry === undefined || entry.kind === 'file') return undefined;
    if (entry.kind !== 'folder') return { path: step, kind: entry.kind, id: entry.id };
  }
  return undefined;
}

function linkError(path: string, link: Link): LocatedError {
  const at = { file: path, line: 1, column: 1 };
  const where = link.path === path ? 'this file' : link.path;
  return link.kind === 'symlink'
    ? {
        ...at,
        code: 'SYMLINK',
        text: `${where} became a symbolic link, which is refused; commit the file itself`,
      }
    : {
        ...at,
        code: 'SUBMODULE',
        text: `${where} became a submodule, which is refused; commit the file itself`,
      };
}
