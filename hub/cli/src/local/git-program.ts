import { spawn } from 'node:child_process';

/** How a run of git ended. */
export interface GitOutcome {
  readonly code: number;
  readonly stdout: Buffer;
  /** Its first lines. */
  readonly stderr: string;
}

/** What a run of git is given. */
export interface GitRun {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** No answer that a person waits for is larger. */
const outputBytesMax = 512 * 1_048_576;
const stderrMax = 4_096;

/**
 * Runs the user's own git, which knows what is ignored, filtered and tracked. Undefined when there is no such program. It
 * never asks for anything, and takes no locks in the repository. Rejects with the signal's reason.
 */
export function runGit(run: GitRun, signal: AbortSignal): Promise<GitOutcome | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...run.args], {
      cwd: run.cwd,
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...run.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      signal,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > outputBytesMax) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < stderrMax) stderr += text;
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason);
      else if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    child.once('close', (code) => resolve({ code: code ?? 1, stdout: Buffer.concat(chunks), stderr }));
    // A program that ends before it has read everything is told of by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(run.input ?? '');
  });
}
