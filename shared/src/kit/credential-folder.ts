import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { err, errorCode, FlotillaError, ok, parsePlacementName, type Result } from '../base/index.ts';
import type { DeliveredCredential } from '../model/index.ts';

/** A credential exists but cannot be used as it is; the message says what to change and holds no secret. */
export class CredentialMalformedError extends FlotillaError {
  override readonly name = 'CredentialMalformedError';
}

/** Names of the parts of a credential, as in Kubernetes Secrets (types basic-auth and ssh-auth, and `token`). */
const partNames = ['token', 'username', 'password', 'ssh-privatekey', 'known_hosts'] as const;

/** One part of a credential. */
export type CredentialPart = (typeof partNames)[number];

/** Far above the largest key; a mistake such as a mounted log file is refused. */
const partBytesMax = 65_536;

/**
 * Puts a credential together from its parts: `token`; or `username` and `password`; or `ssh-privatekey` and `known_hosts`.
 * Line ends at the end of a part are dropped, as editors and `echo` add them. The error is a clause that says what to change.
 */
export function credentialOfParts(
  name: string,
  parts: ReadonlyMap<CredentialPart, string>,
): Result<DeliveredCredential, string> {
  const part = (key: CredentialPart): string => (parts.get(key) ?? '').replace(/[\r\n]+$/, '');
  const found = [...parts.keys()].sort().join(', ') || 'none of its parts';
  const wanted = 'token; or username and password; or ssh-privatekey and known_hosts';
  const complaint = `has ${found}, and must have exactly one of: ${wanted}`;
  switch (found) {
    case 'token':
      return part('token') === ''
        ? err('has an empty token')
        : ok({ name, kind: 'token', token: part('token') });
    case 'password, username':
      return part('username') === '' || part('password') === ''
        ? err('has an empty username or password')
        : ok({ name, kind: 'basic', username: part('username'), password: part('password') });
    case 'known_hosts, ssh-privatekey':
      // A key file must keep its last line end, or OpenSSH's format is broken.
      return ok({
        name,
        kind: 'ssh',
        privateKey: `${part('ssh-privatekey')}\n`,
        knownHosts: `${part('known_hosts')}\n`,
      });
    default:
      return err(complaint);
  }
}

/**
 * Reads the credential `name` from `folder/name/`, one file for each part, read anew each time so that a rotated Secret
 * mount is used at once. Undefined when there is no such folder. Rejects with CredentialMalformedError.
 */
export async function readCredentialFolder(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<DeliveredCredential | undefined> {
  signal.throwIfAborted();
  // Names come from Git: a path in one must not lead out of the folder.
  if (!parsePlacementName(name).ok) throw malformed(name, 'is not a name (a-z, 0-9 and "-")');
  const place = join(folder, name);
  if (!(await isFolder(place))) return undefined;
  const parts = new Map<CredentialPart, string>();
  for (const part of partNames) {
    const text = await readPart(join(place, part), name);
    if (text !== undefined) parts.set(part, text);
  }
  const credential = credentialOfParts(name, parts);
  if (!credential.ok) throw malformed(name, `in ${place} ${credential.error}`);
  return credential.value;
}

/** The parts that a Secret's `data` may hold, by name, for adapters that read them elsewhere. */
export function isCredentialPart(name: string): name is CredentialPart {
  return partNames.some((part) => part === name);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

async function readPart(path: string, name: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > partBytesMax) throw malformed(name, `has ${size} bytes in ${path}, more than ${partBytesMax}`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function malformed(name: string, why: string): CredentialMalformedError {
  return new CredentialMalformedError(`credential ${JSON.stringify(name)} ${why}`, {
    code: 'CREDENTIAL_MALFORMED',
    retry: 'never',
  });
}
