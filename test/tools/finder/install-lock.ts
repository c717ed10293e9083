import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
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
    await rm(folder, { recursive: true, force: true });
  }
}

async function takeLock(folder: string, { signal, onWait }: LockOptions): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  let hasSaid = false;
  while (!(await tryLock(folder))) {
    signal.throwIfAborted();
    const owner = await readOwner(folder);
    if (await isStale(folder, owner)) {
      await removeStale(folder);
      continue;
    }
    if (!hasSaid) onWait(owner?.pid);
    hasSaid = true;
    await sleep(pollMs, undefined, { signal });
  }
}

async function tryLock(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  const owner: Owner = { pid: process.pid, host: hostname() };
  await writeFile(join(folder, 'owner.json'), JSON.stringify(owner));
  return true;
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    const owner: unknown = JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('host' in owner))
      return undefined;
    if (typeof owner.pid !== 'number' || typeof owner.host !== 'string') return undefined;
    return { pid: owner.pid, host: owner.host };
  } catch {
    // Not written yet, or the owner is just dropping the lock.
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

/** Moved away first, so that of two runs that find it stale only one removes it. */
async function removeStale(folder: string): Promise<void> {
  const aside = `${folder}.stale-${process.pid}`;
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
