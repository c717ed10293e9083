import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errorCode, FlotillaError, formatDurationMs } from '../base/index.ts';
import { randomSecret } from './crypto-random.ts';

/** Another process works on the data folder. */
export class DataFolderLockedError extends FlotillaError {
  override readonly name = 'DataFolderLockedError';
}

/** A held lock; give it back last, after everything that writes into the folder was closed. */
export interface DataFolderLock extends AsyncDisposable {
  release(): Promise<void>;
}

/** Who holds a lock, as written into the file. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start of the process in the kernel's ticks: tells a holder from a later process with the same pid. '' = unknown. */
  readonly processStart: string;
  readonly program: string;
  /** Makes the content unique. */
  readonly nonce: string;
}

const fileName = 'lock';
const touchMs = 10_000;
/** A holder on another machine (or in another container) that did not touch its lock for so long is dead. */
const foreignStaleMs = 60_000;

/**
 * Takes the lock of a data folder (made with mode 0700 if missing), so that a program is not started twice on it. The
 * lock of a dead process is taken over; that of a living one rejects with DataFolderLockedError.
 */
export async function lockDataFolder(folder: string, program: string): Promise<DataFolderLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, fileName);
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    processStart: await processStart(process.pid),
    program,
    nonce: randomSecret(9),
  } satisfies Holder);
  const fresh = `${path}.${process.pid}.new`;
  await writeFile(fresh, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; !(await tryLink(fresh, path)); attempt += 1) {
      await removeDead({ path, folder, program }, attempt);
    }
  } finally {
    await rm(fresh, { force: true });
  }
  return held(path, mine);
}

function held(path: string, mine: string): DataFolderLock {
  const timer = setInterval(() => {
    const now = new Date();
    // A folder that has gone makes the next real write fail with a better message.
    utimes(path, now, now).catch(() => {});
  }, touchMs);
  timer.unref();
  async function release(): Promise<void> {
    clearInterval(timer);
    if ((await readIfThere(path)) === mine) await rm(path, { force: true });
  }
  return { release, [Symbol.asyncDispose]: release };
}

/** Links the complete file into place: another process sees a whole lock or none. */
async function tryLink(fresh: string, path: string): Promise<boolean> {
  try {
    await link(fresh, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

interface LockPlace {
  readonly path: string;
  readonly folder: string;
  readonly program: string;
}

/** Takes a dead holder's lock away; throws when the holder lives. */
async function removeDead({ path, folder, program }: LockPlace, attempt: number): Promise<void> {
  const content = await readIfThere(path);
  if (content === undefined) return;
  const holder = parseHolder(content);
  const life = holder === undefined ? 'dead' : await lifeOf(holder, path);
  if (life !== 'dead' || attempt >= 5) throw lockedError({ path, folder, program }, holder, life);
  // Moved aside first: should somebody have taken it over in this moment, their lock is put back.
  const aside = `${path}.${process.pid}.dead`;
  await rename(path, aside).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  const moved = await readIfThere(aside);
  if (moved !== undefined && moved !== content) await tryLink(aside, path);
  await rm(aside, { force: true });
}

async function lifeOf(holder: Holder, path: string): Promise<'dead' | 'alive' | 'foreign'> {
  if (holder.host !== hostname()) {
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs > foreignStaleMs ? 'dead' : 'foreign';
  }
  if (!isRunning(holder.pid)) return 'dead';
  const start = await processStart(holder.pid);
  if (start === '' || holder.processStart === '') return holder.pid === process.pid ? 'dead' : 'alive';
  return start === holder.processStart ? 'alive' : 'dead';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat (proc(5)): start time since boot. '' where there is no /proc. */
async function processStart(pid: number): Promise<string> {
  const text = await readIfThere(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold spaces.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function parseHolder(content: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('host' in value))
      return undefined;
    const { pid, host } = value;
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0 || typeof host !== 'string')
      return undefined;
    const text = (key: string): string => String(new Map(Object.entries(value)).get(key) ?? '');
    return { pid, host, processStart: text('processStart'), program: text('program'), nonce: text('nonce') };
  } catch {
    return undefined;
  }
}

function lockedError(
  { path, folder, program }: LockPlace,
  holder: Holder | undefined,
  life: 'dead' | 'alive' | 'foreign',
): DataFolderLockedError {
  const who =
    holder === undefined ? 'another process' : `${holder.program} (process ${holder.pid} on ${holder.host})`;
  const wayOut =
    life === 'foreign'
      ? `; if it is gone for good, its lock ${path} is taken over ${formatDurationMs(foreignStaleMs)} after its last sign of life`
      : '; stop it first, or give this one another folder';
  return new DataFolderLockedError(
    `${who} already works on ${folder}: ${program} is not started twice on it${wayOut}`,
    {
      code: 'DATA_FOLDER_LOCKED',
      retry: life === 'foreign' ? 'backoff' : 'never',
    },
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
