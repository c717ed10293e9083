import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';

/**
 * The environment of every git process that tests and the demo start: nothing of the user's configuration, identity,
 * credential helpers or hooks reaches it, and it never asks on a terminal.
 */
export function isolatedEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: tmpdir(),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada Example',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada Example',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
    ...extra,
  };
}

/** Runs git with standard input and gives its standard output. Rejects with what git said on a non-zero exit. */
export async function runGit(
  args: readonly string[],
  input: string | Uint8Array = '',
  extra: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const child = spawn('git', args, { env: isolatedEnvironment(extra), stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  // A git that fails early closes its input; its exit says why.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return Buffer.concat(output);
  throw new Error(
    `git ${args.join(' ')} exited with ${code}: ${Buffer.concat(complaints).toString().trim()}`,
  );
}
