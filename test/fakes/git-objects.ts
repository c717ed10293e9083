import type { GitId } from '@flotilla/shared/base';
import { hashObject, memoryStore, type ObjectStore } from '@flotilla/shared/git';

/** What a path holds. */
export type FileContent = string | { readonly symlink: string } | { readonly submodule: GitId };

/** A whole tree by path. */
export type Files = Readonly<Record<string, FileContent>>;

/** Git objects made in memory, with Git's own bytes and ids (sha-1). */
export interface GitObjects {
  readonly store: ObjectStore;
  commit(files: Files, parents: readonly GitId[], message?: string): GitId;
  /** The tree of a folder of a commit; throws when there is none. */
  treeAt(commit: GitId, path: string): GitId;
  isAncestor(older: GitId, newer: GitId): boolean;
}

interface Branching {
  readonly files: Map<string, FileContent>;
  readonly folders: Map<string, Branching>;
}

const bytesMax = 256 * 1024 * 1024;

/** Makes a place without objects. */
export function gitObjects(): GitObjects {
  const store = memoryStore({ bytesMax });
  const commits = new Map<
    GitId,
    { readonly parents: readonly GitId[]; readonly folders: Map<string, GitId> }
  >();

  function put(type: 'blob' | 'commit' | 'tree', data: Buffer): GitId {
    const id = hashObject(type, data, 'sha1');
    // In memory it is there at once; nothing can go wrong that a test would have to hear of.
    void store.put({ id, type, data });
    return id;
  }

  function putFile(content: FileContent): { readonly mode: string; readonly id: GitId } {
    if (typeof content === 'string') return { mode: '100644', id: put('blob', Buffer.from(content)) };
    if ('symlink' in content) return { mode: '120000', id: put('blob', Buffer.from(content.symlink)) };
    return { mode: '160000', id: content.submodule };
  }

  /** Writes a folder and what is below it; notes the id of every folder by its path. */
  function putTree(branching: Branching, path: string, noted: Map<string, GitId>): GitId {
    const rows = [...branching.files].map(([name, content]) => ({ name, order: name, ...putFile(content) }));
    for (const [name, folder] of branching.folders) {
      const id = putTree(folder, path === '' ? name : `${path}/${name}`, noted);
      // Git sorts a folder as if its name ended in a slash.
      rows.push({ name, order: `${name}/`, mode: '40000', id });
    }
    const lines = rows
      .sort((left, right) => Buffer.compare(Buffer.from(left.order), Buffer.from(right.order)))
      .map(({ mode, name, id }) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]));
    const id = put('tree', Buffer.concat(lines));
    noted.set(path, id);
    return id;
  }

  return {
    store,
    commit(files, parents, message = 'change') {
      const folders = new Map<string, GitId>();
      const tree = putTree(branchingOf(files), '', folders);
      const who = `Ada Example <ada@example.org> ${1_790_000_000 + commits.size} +0000`;
      const head = [
        `tree ${tree}`,
        ...parents.map((id) => `parent ${id}`),
        `author ${who}`,
        `committer ${who}`,
      ];
      const id = put('commit', Buffer.from(`${head.join('\n')}\n\n${message}\n`));
      commits.set(id, { parents, folders });
      return id;
    },
    treeAt(commit, path) {
      const id = commits.get(commit)?.folders.get(path);
      if (id === undefined) throw new Error(`no folder ${path} in ${commit}`);
      return id;
    },
    isAncestor(older, newer) {
      const line = [newer];
      const seen = new Set(line);
      for (const id of line) {
        for (const parent of commits.get(id)?.parents ?? []) {
          if (!seen.has(parent)) line.push(parent);
          seen.add(parent);
        }
      }
      return seen.has(older);
    },
  };
}

function branchingOf(files: Files): Branching {
  const root: Branching = { files: new Map(), folders: new Map() };
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let folder = root;
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { files: new Map(), folders: new Map() };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.set(name, content);
  }
  return root;
}
