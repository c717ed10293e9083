import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Json } from '@flotilla/shared/base';
import { errorCode } from '@flotilla/shared/base';
import type { StateStore } from '../../ports.ts';
import { groupWork, type Work } from './group-work.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { checkStoreKey, damageNotes, keyTurns, StoreCorruptError } from './store-rules.ts';

/**
 * The state store of an agent that runs as a process: one file a record below `folder` (made with mode 0700), written
 * to a temporary name, synced and renamed. The record before it stays as `.prev` and is used when the newest is torn.
 * Keys are lower-case path segments of at most 128 characters; anything else is refused.
 */
export async function openFolderStore(folder: string): Promise<StateStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const damage = damageNotes();
  const turns = keyTurns();
  const syncFolder = groupWork(syncOneFolder);

  return {
    damage: damage.notes,
    async read(key, signal) {
      signal.throwIfAborted();
      return await readRecord(pathOf(folder, key), key, damage.note);
    },
    async write(key, value, signal) {
      signal.throwIfAborted();
      await turns.take(key, () => writeRecord(pathOf(folder, key), value, syncFolder));
    },
    async remove(key, signal) {
      signal.throwIfAborted();
      await turns.take(key, () => removeRecord(pathOf(folder, key), syncFolder));
    },
    async list(prefix, signal) {
      signal.throwIfAborted();
      return await listKeys(folder, prefix);
    },
  };
}

function pathOf(folder: string, key: string): string {
  checkStoreKey(key);
  return join(folder, ...key.split('/'));
}

async function readRecord(
  path: string,
  key: string,
  note: (text: string) => void,
): Promise<Json | undefined> {
  const newest = await readFileIfThere(`${path}.json`);
  const fromNewest = newest && decodeRecord(newest);
  if (fromNewest) return fromNewest.value;
  const previous = await readFileIfThere(`${path}.prev`);
  if (!newest && !previous) return undefined;
  const fromPrevious = previous && decodeRecord(previous);
  if (fromPrevious) {
    note(`record ${key} was ${newest ? 'torn' : 'missing'}; the one before it is used`);
    return fromPrevious.value;
  }
  throw new StoreCorruptError(`record ${key} and the one before it are unreadable in ${dirname(path)}`, {
    code: 'STORE_CORRUPT',
    retry: 'never',
  });
}

async function writeRecord(path: string, value: Json, syncFolder: Work): Promise<void> {
  const folder = dirname(path);
  const fresh = `${path}.new`;
  const file = await openForWriting(fresh);
  try {
    await file.writeFile(encodeRecord(value));
    await file.sync();
  } finally {
    await file.close();
  }
  await keepPrevious(path);
  await rename(fresh, `${path}.json`);
  await syncFolder(folder);
}

/** The folder is there but for the first record of its kind: asking for it each time would double the work of a write. */
async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w', 0o600);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return await open(path, 'w', 0o600);
  }
}

/** Links the newest record to `.prev` by way of a rename, so that at no moment neither of them is there. */
async function keepPrevious(path: string): Promise<void> {
  const step = `${path}.old`;
  try {
    await link(`${path}.json`, step);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return;
    if (code !== 'EEXIST') throw error;
    // A crash left it behind.
    await rm(step);
    await link(`${path}.json`, step);
  }
  await rename(step, `${path}.prev`);
}

async function removeRecord(path: string, syncFolder: Work): Promise<void> {
  // The older one first: a crash in between must not bring it back to life.
  await rm(`${path}.prev`, { force: true });
  await rm(`${path}.json`, { force: true });
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function syncOneFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readFileIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function listKeys(folder: string, prefix: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  const keys = names
    .map((name) => name.split(sep).join('/'))
    .filter((name) => name.endsWith('.json') || name.endsWith('.prev'))
    .map((name) => name.slice(0, -5))
    .filter((key) => key.startsWith(prefix));
  return [...new Set(keys)].sort();
}
