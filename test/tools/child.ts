import { type SpawnOptions, spawn } from 'node:child_process';

/** How a child process ended, with what it wrote when its output was captured. */
export interface ChildOutcome {
  /** The exit code; 128 + signal number is not computed, a killed child has code 1 and its signal. */
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a child process is started with. */
export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `show` hands the terminal through; `capture` keeps both outputs for the caller. */
  readonly output: 'show' | 'capture';
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program to its end. Rejects only when it cannot be started or the signal aborts it. */
export function runChild(
  program: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildOutcome> {
  const spawnOptions: SpawnOptions = {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: options.output === 'show' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, spawnOptions);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 1, signal: signal ?? undefined, stdout, stderr });
    });
  });
}
