import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GitId, parseGitId } from '@flotilla/shared/base';
import { isolatedEnvironment, runGit } from './isolated-git.ts';
import type { TestRepository } from './repository.ts';
import type { SshKeyPair } from './ssh-keys.ts';

const run = promisify(execFile);

/** A key that gpg made, in a home of its own. Dispose to end its agent. */
export interface GpgKey extends AsyncDisposable {
  readonly home: string;
  /** As `gpg --armor --export` prints it. */
  readonly publicKey: string;
  readonly fingerprint: string;
  /** Runs gpg over its home. */
  gpg(...args: readonly string[]): Promise<unknown>;
}

/** Makes a signing key without a passphrase; `expires` as gpg takes it, `never` unless given; `at` is a time to pretend. */
export async function makeGpgKey(
  folder: string,
  name: string,
  {
    expires = 'never',
    algorithm = 'ed25519',
    at,
  }: { readonly expires?: string; readonly algorithm?: string; readonly at?: string } = {},
): Promise<GpgKey> {
  const home = join(folder, name);
  await mkdir(home, { mode: 0o700, recursive: true });
  const env = isolatedEnvironment({ GNUPGHOME: home });
  const gpg = (...args: readonly string[]) => run('gpg', ['--batch', '--quiet', ...args], { env });
  const pretended = at === undefined ? [] : ['--faked-system-time', at];
  await gpg(
    ...pretended,
    '--passphrase',
    '',
    '--quick-gen-key',
    `${name} <${name}@example.org>`,
    algorithm,
    'sign',
    expires,
  );
  const { stdout: publicKey } = await gpg('--armor', '--export');
  const { stdout: listed } = await gpg('--with-colons', '--list-keys');
  return {
    home,
    gpg,
    publicKey,
    fingerprint: /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '',
    async [Symbol.asyncDispose]() {
      await run('gpgconf', ['--homedir', home, '--kill', 'all'], { env });
    },
  };
}

/** Commits the tree of `main` once more, signed by git itself with one of the keys, and moves `main` there. `gpgProgram` stands in for gpg. */
export async function commitSigned(
  repository: TestRepository,
  key: SshKeyPair | GpgKey,
  { gpgProgram = 'gpg' }: { readonly gpgProgram?: string } = {},
): Promise<GitId> {
  const parent = await repository.idOf('main');
  const tree = await repository.idOf('main^{tree}');
  const isSsh = 'privateKey' in key;
  const settings = isSsh
    ? ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key.file}`]
    : ['-c', `gpg.program=${gpgProgram}`, '-c', `user.signingkey=${key.fingerprint}`];
  const args = [
    '-C',
    repository.gitdir,
    ...settings,
    'commit-tree',
    '-S',
    tree,
    '-p',
    parent,
    '-m',
    'signed',
  ];
  const made = await runGit(args, '', isSsh ? {} : { GNUPGHOME: key.home });
  const id = parseGitId(made.toString().trim());
  if (!id.ok) throw new Error(`git made no commit: ${id.error}`);
  await repository.setBranch('main', id.value);
  return id.value;
}
