import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Clock } from '@flotilla/shared/base';
import { errorCode } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';

/**
 * Ends a server that an earlier hub left behind (both lines of defence against orphans are in this file: this one works
 * at the next start, the watcher at once). Only a process whose command line names our configuration file is ended: a
 * process id may belong to somebody else by now.
 */
export async function endStaleServer(
  files: { readonly pidFile: string; readonly configFile: string },
  { clock, log, graceMs }: { readonly clock: Clock; readonly log: Logger; readonly graceMs: number },
  signal: AbortSignal,
): Promise<void> {
  const pid = Number((await readIfThere(files.pidFile))?.trim());
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  const isOurs = async (): Promise<boolean> => (await commandLineOf(pid)).includes(files.configFile);
  if (!(await isOurs())) return;
  log.warn('a bus server of an earlier start is still running: ending it', { child: 'nats-server', pid });
  signalProcess(pid, 'SIGTERM');
  const deadlineMs = clock.nowMs() + graceMs;
  while (await isOurs()) {
    if (clock.nowMs() > deadlineMs) signalProcess(pid, 'SIGKILL');
    await clock.sleep(pollMs, signal);
  }
}

const pollMs = 50;

/** What a watcher is told. */
export interface Watched {
  readonly pid: number;
  readonly pidFile: string;
}

// The shell reads from a pipe that only this process holds: its end means that we are gone, however we went. The pid
// file is asked again because a clean end of the server removes it.
const watchScript = [
  'while read -r line; do :; done',
  'is_there() { [ "$(cat "$2" 2>/dev/null)" = "$1" ] && kill -0 "$1" 2>/dev/null; }',
  'is_there "$1" "$2" && kill -TERM "$1"',
  'n=0; while is_there "$1" "$2" && [ "$n" -lt 100 ]; do sleep 0.1; n=$((n+1)); done',
  'is_there "$1" "$2" && kill -KILL "$1"',
].join('\n');

/**
 * Starts a small shell that ends the server when this process dies without ending it (SIGKILL, out of memory). Returns
 * how to call it off. Where there is no shell the next start cleans up.
 */
export function watchForOurDeath({ pid, pidFile }: Watched, log: Logger): () => void {
  const watcher = spawn('/bin/sh', ['-c', watchScript, 'flotilla-watch', String(pid), pidFile], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
  });
  watcher.once('error', (error) => {
    log.warn('cannot watch the bus server: if the hub is killed, the next start ends it', { error });
  });
  // A closed pipe is how it ends; writing never happens.
  watcher.stdin.once('error', () => {});
  watcher.unref();
  return () => {
    watcher.kill('SIGKILL');
    watcher.stdin.destroy();
  };
}

function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** '' when there is no such process, or when it is a dead one that nobody waited for. */
async function commandLineOf(pid: number): Promise<string> {
  const fromKernel = await readIfThere(`/proc/${pid}/cmdline`);
  if (fromKernel !== undefined) return fromKernel.replaceAll('\0', ' ');
  return process.platform === 'linux' ? '' : await askPs(pid);
}

function askPs(pid: number): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('ps', ['-o', 'args=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once('error', () => resolve(''));
    child.once('close', () => resolve(text));
  });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return undefined;
    throw error;
  }
}
