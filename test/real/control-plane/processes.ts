import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../waiting.ts';

const stopDeadlineMs = 10_000;
const outputTailChars = 3_000;

/** Runs a tool to its end. Throws with the tail of what it said when it fails. */
export async function runTool(
  path: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(path, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-outputTailChars);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${path} ${args.slice(0, 3).join(' ')} ended with ${code}:\n${output}`);
}

/** The process ids in a folder of `<component>.pid` files. */
export async function readPids(folder: string): Promise<Readonly<Record<string, number>>> {
  return pidsIn(folder);
}

/**
 * Ends every process of a pid folder and returns when none is left. SIGKILL at once: an API server that is asked to
 * end waits for its clients, and nothing of a test cluster is kept.
 */
export async function endProcesses(folder: string): Promise<void> {
  const pids = Object.values(pidsIn(folder));
  killNow(folder);
  await waitFor(`the end of processes ${pids.join(', ')}`, () => !pids.some(isAlive), {
    withinMs: stopDeadlineMs,
    everyMs: 20,
  });
}

/** The synchronous last resort when our own process exits without stop(). */
export function killNow(folder: string): void {
  for (const pid of Object.values(pidsIn(folder))) signal(pid, 'SIGKILL');
}

/** The ends of the components' logs, for error messages. */
export async function logTails(folder: string, components: readonly string[]): Promise<string> {
  const tails = await Promise.all(
    components.map(async (component) => {
      const text = await readFile(join(folder, `${component}.log`), 'utf8').catch(() => '');
      return text === '' ? '' : `\n--- ${component}\n${text.slice(-outputTailChars)}`;
    }),
  );
  return tails.join('');
}

function pidsIn(folder: string): Readonly<Record<string, number>> {
  const pids: Record<string, number> = {};
  for (const file of listFolder(folder)) {
    const pid = Number.parseInt(readFileSync(join(folder, file), 'utf8'), 10);
    if (pid > 1) pids[file.replace(/\.pid$/, '')] = pid;
  }
  return pids;
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** True while a process runs; one that is dead and only not collected yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** A dead process whose parent has not collected it still answers signal 0 (the first process of some machines never collects). */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has already ended.
  }
}
