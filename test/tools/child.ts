import { type StdioOptions, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** How a child process ended, with what it wrote when its output was captured. */
export interface ChildOutcome {
  /** The exit code; 1 for a child that a signal ended. */
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a child process is started with. */
export interface ChildOptions {
  readonly cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `show` hands the terminal through; `capture` keeps both outputs for the caller; a number is an open file for both. */
  readonly output: 'show' | 'capture' | number;
  /** Leaves the processor to whoever else wants it. */
  readonly isPatient?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Time between SIGTERM and SIGKILL for a child that is no longer wanted. */
const graceMs = 5_000;

/**
 * Runs a program to its end. When the signal aborts, the child is ended, and the promise rejects with the
 * signal's reason only after the child is gone. Rejects too when the program cannot be started.
 */
export function runChild(
  program: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<ChildOutcome>();
  if (options.signal?.aborted) return Promise.reject(options.signal.reason);
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: stdioOf(options.output),
  });
  if (options.isPatient === true && child.pid !== undefined)
    setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (piece: string) => {
      text[name] += piece;
    });
  }
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  options.signal?.addEventListener('abort', end, { once: true });
  child.once('error', reject);
  child.once('close', (code, signal) => {
    clearTimeout(killer);
    options.signal?.removeEventListener('abort', end);
    if (options.signal?.aborted) reject(options.signal.reason);
    else resolve({ code: code ?? 1, signal: signal ?? undefined, ...text });
  });
  return promise;
}

function stdioOf(output: ChildOptions['output']): StdioOptions {
  if (output === 'show') return 'inherit';
  return output === 'capture' ? ['ignore', 'pipe', 'pipe'] : ['ignore', output, output];
}
