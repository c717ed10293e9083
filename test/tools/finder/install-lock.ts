import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '@flotilla/shared/base';

const beatMs = 2_000;
/** Ten missed beats: the owner was killed, or runs in another container that went away. */
const staleMs = 20_000;
const pollMs = 250;

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** What a lock is taken for. */
export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once when another run holds the lock, with that run's process id if known. */
  readonly onWait: (pid: number | undefined) => void;
}

/**
 * Runs `use` while holding the lock folder, so that two runs never build the same thing twice.
 * A lock is a folder whose time its owner keeps fresh; one whose owner died is taken over. Two runs that
 * take over at the same instant would both build, which costs time but no harm: installs are renames.
 */
export async function withLock<T>(folder: string, options: LockOptions, use: () => Promise<T>): Promise<T> {
  await takeLock(folder, options);
  const beat = setInterval(() => void touch(folder), beatMs);
  beat.unref();
  try {
    return await use();
  } finally {
    clearInterval(beat);
    await removeLock(folder);
  }
}

async function takeLock(folder: string, { signal, onWait }: LockOptions): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  let hasSaid = false;
  while (!(await tryLock(folder))) {
    signal.throwIfAborted();
    const owner = await readOwner(folder);
    if (await isStale(folder, owner)) {
      await removeLock(folder);
      continue;
    }
    if (!hasSaid) onWait(owner?.pid);
    hasSaid = true;
    await sleep(pollMs, undefined, { signal });
  }
}

/** Made beside it and renamed, which only an empty folder or none lets happen: whoever sees a lock sees whose it is. */
async function tryLock(folder: string): Promise<boolean> {
  if (await isThere(folder)) return false;
  const fresh = await mkdtemp(`${folder}.fresh-`);
  const owner: Owner = { pid: process.pid, host: hostname() };
  await writeFile(join(fresh, 'owner.json'), JSON.stringify(owner));
  try {
    await rename(fresh, folder);
    return true;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (['EEXIST', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    const owner: unknown = JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('host' in owner))
      return undefined;
    if (typeof owner.pid !== 'number' || typeof owner.host !== 'string') return undefined;
    return { pid: owner.pid, host: owner.host };
  } catch {
    // The owner is just dropping the lock.
    return undefined;
  }
}

async function isStale(folder: string, owner: Owner | undefined): Promise<boolean> {
  if (owner !== undefined && owner.host === hostname() && !isRunning(owner.pid)) return true;
  try {
    return Date.now() - (await stat(folder)).mtimeMs > staleMs;
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Moved away first: of two runs that find it stale only one removes it, and no lock is ever there without its owner. */
async function removeLock(folder: string): Promise<void> {
  const aside = `${folder}.old-${process.pid}-${randomUUID()}`;
  try {
    await rename(folder, aside);
  } catch {
    return;
  }
  await rm(aside, { recursive: true, force: true });
}

async function touch(folder: string): Promise<void> {
  const now = new Date();
  try {
    await utimes(folder, now, now);
  } catch {
    // Taken over after a long pause of this process; the rename at the end of an install settles it.
  }
}
