import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A key pair as OpenSSH writes it. */
export interface SshKeyPair {
  readonly file: string;
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, without comment. */
  readonly publicKey: string;
  /** `SHA256:…`, as ssh-keygen says it. */
  readonly fingerprint: string;
}

/** Makes a key pair by ssh-keygen. */
export async function makeSshKey(
  folder: string,
  name: string,
  { type = 'ed25519', passphrase = '' }: { readonly type?: string; readonly passphrase?: string } = {},
): Promise<SshKeyPair> {
  const file = join(folder, name);
  await run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', file]);
  const { stdout } = await run('ssh-keygen', ['-l', '-E', 'sha256', '-f', `${file}.pub`]);
  const [typeName = '', encoded = ''] = (await readFile(`${file}.pub`, 'utf8')).split(' ');
  return {
    file,
    privateKey: await readFile(file, 'utf8'),
    publicKey: `${typeName} ${encoded}`,
    fingerprint: stdout.split(' ')[1] ?? '',
  };
}
