import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitId } from '@flotilla/shared/base';
import { hashObject } from '@flotilla/shared/git';
import type { LocalEntry, LocalRepository, LocalTree } from './local-tree.ts';
import { unreadable } from './unreadable.ts';

const filesMax = 200_000;
const depthMax = 64;

/**
 * A folder that is in no Git repository: every file of it counts, with the ids that Git would give them. It has no revisions.
 */
export function openPlainFolder(folder: string): LocalRepository {
  const files = new Map<GitId, string>();
  return {
    async workingTree(signal) {
      const entries: LocalEntry[] = [];
      const treeId = await readFolder({ root: folder, entries, files, signal }, '', 0);
      return { treeId, entries, commit: undefined } satisfies LocalTree;
    },
    async revision(ref) {
      throw unreadable(`there is no revision ${JSON.stringify(ref)}`, {
        cause: `${folder} is in no Git repository, or there is no git program`,
      });
    },
    async diff() {
      return '';
    },
    async contents(ids) {
      const found = new Map<GitId, Uint8Array>();
      for (const id of new Set(ids)) {
        const path = files.get(id);
        if (path !== undefined) found.set(id, await readFile(path));
      }
      return found;
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface Walk {
  readonly root: string;
  readonly entries: LocalEntry[];
  /** Where the content of a blob lies. */
  readonly files: Map<GitId, string>;
  readonly signal: AbortSignal;
}

interface Member {
  readonly mode: string;
  readonly name: string;
  readonly id: GitId;
}

async function readFolder(walk: Walk, path: string, depth: number): Promise<GitId> {
  walk.signal.throwIfAborted();
  if (depth > depthMax) throw unreadable(`${path} is deeper than ${depthMax} folders`);
  const members: Member[] = [];
  for (const name of (await readdir(join(walk.root, path))).sort()) {
    if (name === '.git') continue;
    const member = await readMember(walk, { name, path: path === '' ? name : `${path}/${name}`, depth });
    if (member !== undefined) members.push(member);
  }
  return hashObject('tree', treeBytes(members), 'sha1');
}

async function readMember(
  walk: Walk,
  { depth, name, path }: { readonly name: string; readonly path: string; readonly depth: number },
): Promise<Member | undefined> {
  const full = join(walk.root, path);
  const stat = await lstat(full);
  if (walk.entries.length >= filesMax) throw unreadable(`${walk.root} holds more than ${filesMax} files`);
  if (stat.isDirectory()) {
    const before = walk.entries.length;
    const id = await readFolder(walk, path, depth + 1);
    // Git knows no empty folders.
    if (walk.entries.length === before) return undefined;
    walk.entries.push({ path, kind: 'folder', id });
    return { mode: '40000', name, id };
  }
  if (stat.isSymbolicLink()) {
    const id = hashObject('blob', Buffer.from(await readlink(full)), 'sha1');
    walk.entries.push({ path, kind: 'symlink', id });
    return { mode: '120000', name, id };
  }
  if (!stat.isFile()) return undefined;
  const id = hashObject('blob', await readFile(full), 'sha1');
  walk.files.set(id, full);
  walk.entries.push({ path, kind: 'file', id });
  return { mode: (stat.mode & 0o100) === 0 ? '100644' : '100755', name, id };
}

/** Git sorts folders as if their names ended in a slash. */
function treeBytes(members: readonly Member[]): Uint8Array {
  const key = ({ mode, name }: Member) => Buffer.from(mode === '40000' ? `${name}/` : name);
  const sorted = [...members].sort((left, right) => Buffer.compare(key(left), key(right)));
  return Buffer.concat(
    sorted.flatMap(({ id, mode, name }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  );
}
