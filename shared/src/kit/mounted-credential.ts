import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, FlotillaError } from '../base/index.ts';
import type { DeliveredCredential } from '../model/index.ts';

/** A credential's folder is there, but what is in it makes none. */
export class MountedCredentialError extends FlotillaError {
  override readonly name = 'MountedCredentialError';
}

const namePattern = /^[A-Za-z0-9][-A-Za-z0-9_.]{0,200}$/;

/**
 * Reads the credential mounted under a name, as Kubernetes mounts a Secret: one folder for each name with the files
 * `token`, or `username` and `password`, or `ssh-privatekey` and `known_hosts`. Read at every use, so that a rotated one
 * is taken. Undefined when there is no such folder.
 */
export async function readMountedCredential(
  folder: string | undefined,
  name: string,
): Promise<DeliveredCredential | undefined> {
  if (folder === undefined || !namePattern.test(name)) return undefined;
  const read = (file: string) => readTextIfThere(join(folder, name, file));
  const token = await read('token');
  if (token !== undefined) return { kind: 'token', name, token };
  const [username, password] = [await read('username'), await read('password')];
  if (username !== undefined && password !== undefined) return { kind: 'basic', name, username, password };
  const [privateKey, knownHosts] = [await read('ssh-privatekey'), await read('known_hosts')];
  if (privateKey !== undefined && knownHosts !== undefined) {
    return { kind: 'ssh', name, privateKey: `${privateKey}\n`, knownHosts };
  }
  if (username === undefined && password === undefined && privateKey === undefined) return undefined;
  throw new MountedCredentialError(
    `credential ${name} is incomplete: it needs token, or username and password, or ssh-privatekey and known_hosts`,
    { code: 'CREDENTIAL_INCOMPLETE', retry: 'backoff' },
  );
}

async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
