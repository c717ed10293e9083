import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, type GitId, limits, parseGitId } from '../../base/index.ts';
import { byteBoundedCache } from '../byte-bounded-cache.ts';
import { GitError } from '../git-error.ts';
import type { GitObject } from '../git-object.ts';
import { decodeLooseObject, encodeLooseObject } from './loose-object.ts';
import type { ObjectStore } from './object-store.ts';
import { type TooLargeNotes, tooLargeNotes } from './too-large-notes.ts';

/** Where and how much. */
export interface FolderStoreOptions {
  /** Made when absent. Laid out as a bare Git repository of loose objects, so `git cat-file` reads it. */
  readonly folder: string;
  /** Bytes on disk; default `limits.gitStoreBytesMax`. It must exceed what one fetch brings. */
  readonly bytesMax?: number;
}

/**
 * Opens a store on disk. Throws GIT_STORE_FAILED. Nothing is synced to disk: a record that a power loss tore does not
 * hash to its name and counts as absent. Two stores on one folder, also of two processes, do not harm each other.
 */
export async function openFolderStore(options: FolderStoreOptions): Promise<ObjectStore> {
  const bytesMax = options.bytesMax ?? limits.gitStoreBytesMax;
  return storing(options.folder, 'open', async () => {
    const folders = await makeFolders(options.folder);
    await removeAbandoned(folders.temporary);
    return folderStore(folders, bytesMax, await readIndex(folders.objects), await readNotes(folders.large));
  });
}

interface Folders {
  readonly root: string;
  readonly objects: string;
  /** Half-written records; renamed into `objects` when whole. */
  readonly temporary: string;
  /** One file per object that is too large to keep, holding its size. */
  readonly large: string;
}

/** One record on disk. The index is ordered by last use, oldest first. */
interface Entry {
  readonly bytes: number;
  /** Whether this process has already brought the file's time up to date. */
  isTouched: boolean;
}

/** A temporary file of this age belongs to a process that died. */
const abandonedMs = 3_600_000;
/** After trimming this much of the bound is used, so that not every fetch trims. */
const trimmedShare = 0.9;

function folderStore(
  folders: Folders,
  bytesMax: number,
  index: Map<GitId, Entry>,
  notes: TooLargeNotes,
): ObjectStore {
  let bytes = [...index.values()].reduce((sum, entry) => sum + entry.bytes, 0);
  let corrupt = 0;
  // Trees and commits are read on every walk; files once.
  const atHand = byteBoundedCache<GitId, GitObject>(
    limits.gitTreesAtHandBytesMax,
    (object) => object.data.length,
  );
  function keepAtHand(object: GitObject): void {
    if (object.type !== 'blob') atHand.set(object.id, object);
  }

  function forget(id: GitId): void {
    bytes -= index.get(id)?.bytes ?? 0;
    index.delete(id);
    atHand.delete(id);
  }
  async function drop(id: GitId): Promise<void> {
    forget(id);
    await rm(recordPath(folders.objects, id), { force: true });
  }
  async function touch(id: GitId, entry: Entry): Promise<void> {
    index.delete(id);
    index.set(id, entry);
    if (entry.isTouched) return;
    entry.isTouched = true;
    const now = new Date();
    // Only the order of eviction after a restart hangs on it.
    await utimes(recordPath(folders.objects, id), now, now).catch(() => {});
  }
  async function close(): Promise<void> {}

  return {
    has: async (id) => index.has(id),
    async get(id) {
      const held = atHand.get(id);
      if (held !== undefined) return held;
      const stored = await readRecord(folders, id);
      if (stored === undefined) {
        forget(id);
        return undefined;
      }
      const object = decodeLooseObject(id, stored, limits.inflatedBytesMax);
      if (object === undefined) {
        corrupt += 1;
        await storing(folders.root, 'drop a corrupt record from', () => drop(id));
        return undefined;
      }
      const entry = index.get(id) ?? { bytes: stored.length, isTouched: true };
      if (!index.has(id)) bytes += stored.length;
      await touch(id, entry);
      keepAtHand(object);
      return object;
    },
    async put(object) {
      const known = index.get(object.id);
      if (known !== undefined) return touch(object.id, known);
      const stored = await encodeLooseObject(object);
      await storing(folders.root, 'write to', () => writeRecord(folders, object.id, stored));
      if (!index.has(object.id)) bytes += stored.length;
      index.set(object.id, { bytes: stored.length, isTouched: true });
      keepAtHand(object);
    },
    async noteTooLarge(id, sizeBytes) {
      const gone = notes.set(id, sizeBytes);
      await storing(folders.root, 'write to', async () => {
        await writeFile(join(folders.large, id), String(sizeBytes), { mode: 0o600 });
        if (gone !== undefined) await rm(join(folders.large, gone), { force: true });
      });
    },
    tooLargeSize: async (id) => notes.get(id),
    async trim() {
      if (bytes <= bytesMax) return;
      for (const id of [...index.keys()]) {
        if (bytes <= bytesMax * trimmedShare) return;
        await storing(folders.root, 'trim', () => drop(id));
      }
    },
    usage: () => ({ objects: index.size, bytes, corrupt }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** `HEAD` and `refs` are what Git and its libraries look for to call a folder a repository. */
async function makeFolders(root: string): Promise<Folders> {
  const folders = {
    root,
    objects: join(root, 'objects'),
    temporary: join(root, 'temporary'),
    large: join(root, 'too-large'),
  };
  for (const folder of [folders.objects, folders.temporary, folders.large, join(root, 'refs')]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  await writeFile(join(root, 'HEAD'), 'ref: refs/heads/none\n', { mode: 0o600 });
  return folders;
}

async function removeAbandoned(temporary: string): Promise<void> {
  const before = Date.now() - abandonedMs;
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    const status = await stat(path).catch(() => undefined);
    if (status !== undefined && status.mtimeMs < before) await rm(path, { force: true });
  }
}

/** Everything held, least recently used first. */
async function readIndex(objects: string): Promise<Map<GitId, Entry>> {
  const found: { readonly id: GitId; readonly bytes: number; readonly usedMs: number }[] = [];
  for (const prefix of await readdir(objects)) {
    if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
    const names = await readdir(join(objects, prefix));
    const entries = names.map(async (name) => {
      const id = parseGitId(prefix + name);
      const status = await stat(join(objects, prefix, name)).catch(() => undefined);
      if (id.ok && status !== undefined)
        found.push({ id: id.value, bytes: status.size, usedMs: status.mtimeMs });
    });
    await Promise.all(entries);
  }
  found.sort((left, right) => left.usedMs - right.usedMs);
  return new Map(found.map(({ id, bytes }) => [id, { bytes, isTouched: false }]));
}

async function readNotes(large: string): Promise<TooLargeNotes> {
  const notes = tooLargeNotes();
  for (const name of await readdir(large)) {
    const id = parseGitId(name);
    const sizeBytes = Number(await readFile(join(large, name), 'latin1').catch(() => ''));
    if (id.ok && sizeBytes > 0) notes.set(id.value, sizeBytes);
  }
  return notes;
}

async function readRecord(folders: Folders, id: GitId): Promise<Buffer | undefined> {
  return storing(folders.root, 'read from', async () => {
    try {
      return await readFile(recordPath(folders.objects, id));
    } catch (caught) {
      if (errorCode(caught) === 'ENOENT') return undefined;
      throw caught;
    }
  });
}

async function writeRecord(folders: Folders, id: GitId, stored: Buffer): Promise<void> {
  const temporary = join(folders.temporary, randomUUID());
  try {
    await writeFile(temporary, stored, { mode: 0o600 });
    await moveIntoPlace(temporary, recordPath(folders.objects, id));
  } catch (caught) {
    await rm(temporary, { force: true });
    throw caught;
  }
}

async function moveIntoPlace(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (caught) {
    if (errorCode(caught) !== 'ENOENT') throw caught;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(temporary, path);
  }
}

function recordPath(objects: string, id: GitId): string {
  return join(objects, id.slice(0, 2), id.slice(2));
}

async function storing<T>(root: string, verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (caught) {
    if (caught instanceof GitError) throw caught;
    throw new GitError('GIT_STORE_FAILED', `cannot ${verb} the git store in ${root}`, caught);
  }
}
