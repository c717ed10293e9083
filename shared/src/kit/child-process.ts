import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { FlotillaError } from '../base/index.ts';

/** A program could not be started. */
export class ChildStartError extends FlotillaError {
  override readonly name = 'ChildStartError';
}

/** How a child ended. */
export interface ChildExit {
  /** Exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  /** Its last lines, for the message about it. */
  readonly lastLines: readonly string[];
}

/** What a child is started with. */
export interface ChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment of the child: nothing of ours leaks into it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Called for each line that it writes; lines longer than 8 KiB are cut. */
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void;
  /** Time from SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

/** A running child process. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when it has ended and all its output was read. */
  readonly exited: Promise<ChildExit>;
  /** SIGTERM, then SIGKILL after the grace time; resolves when it has ended. */
  stop(): Promise<ChildExit>;
}

const lineMax = 8_192;
const lastLinesMax = 20;

/**
 * Starts a program in a process group of its own, so that Ctrl-C at a terminal reaches only us and we end it in order.
 * Rejects with ChildStartError when it cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options.program, [...options.args], {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lastLines: string[] = [];
  const onLine = (line: string, from: 'stdout' | 'stderr'): void => {
    lastLines.push(line.slice(0, lineMax));
    if (lastLines.length > lastLinesMax) lastLines.shift();
    options.onLine?.(line.slice(0, lineMax), from);
  };
  readLines(child.stdout, (line) => onLine(line, 'stdout'));
  readLines(child.stderr, (line) => onLine(line, 'stderr'));
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code: code ?? undefined, signal: signal ?? undefined, lastLines });
    });
  });
  const pid = await spawned(child, options.program);
  const stop = (): Promise<ChildExit> => end(child, exited, options.graceMs);
  return {
    pid,
    exited,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function spawned(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', (cause) => {
      reject(new ChildStartError(`cannot start ${program}`, { code: 'CHILD_START', retry: 'never', cause }));
    });
  });
}

async function end(child: ChildProcess, exited: Promise<ChildExit>, graceMs: number): Promise<ChildExit> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  try {
    return await exited;
  } finally {
    clearTimeout(timer);
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}
