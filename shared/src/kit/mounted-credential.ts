import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { err, errorCode, FlotillaError, ok, type Result } from '../base/index.ts';
import { type BoundCredential, type DeliveredCredential, isLoopbackHost } from '../model/index.ts';

/** A credential exists but cannot be used as it is; the message says what to change and holds no secret. */
export class MountedCredentialError extends FlotillaError {
  override readonly name = 'MountedCredentialError';
}

/** Names of the parts of a credential, as in Kubernetes Secrets (types basic-auth and ssh-auth, and `token`), with Argo CD's `url`. */
const partNames = ['url', 'token', 'username', 'password', 'ssh-privatekey', 'known_hosts'] as const;

/** One part of a credential. */
export type CredentialPart = (typeof partNames)[number];

/** Far above the largest key; a mistake such as a mounted log file is refused. */
const partBytesMax = 65_536;
const namePattern = /^[A-Za-z0-9][-A-Za-z0-9_.]{0,200}$/;

/**
 * Puts a credential together from its parts: `url`, and `token`; or `username` and `password`; or `ssh-privatekey` and
 * `known_hosts`. The url names the only server that may see it: whoever writes a source's URL, in Git, must not choose where
 * a secret goes. Line ends at the end of a part are dropped, as editors and `echo` add them. The error is a clause that says
 * what to change.
 */
export function credentialOfParts(
  name: string,
  parts: ReadonlyMap<CredentialPart, string>,
): Result<BoundCredential, string> {
  const part = (key: CredentialPart): string => (parts.get(key) ?? '').replace(/[\r\n]+$/, '');
  const found = [...parts.keys()].filter((key) => key !== 'url').sort();
  const secret = secretOfParts(name, found.join(', '), part);
  if (!secret.ok) return secret;
  const url = part('url');
  const problem = urlProblem(url, secret.value.kind === 'ssh' ? 'ssh:' : 'https:');
  return problem === undefined ? ok({ ...secret.value, url }) : err(problem);
}

function secretOfParts(
  name: string,
  found: string,
  part: (key: CredentialPart) => string,
): Result<DeliveredCredential, string> {
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
    default: {
      const wanted = 'token; or username and password; or ssh-privatekey and known_hosts';
      return err(`has ${found || 'none of its parts'}, and must have exactly one of: ${wanted}`);
    }
  }
}

/** What is wrong with the url of a credential; undefined when nothing is. Never repeats it: it may hold a secret by mistake. */
function urlProblem(text: string, scheme: 'https:' | 'ssh:'): string | undefined {
  if (text === '') {
    return `has no url: add one that names the server it may be sent to, such as ${scheme}//git.example.org`;
  }
  const url = URL.parse(text);
  if (url === null || url.host === '')
    return `has a url that is none; it must be like ${scheme}//git.example.org`;
  if (url.password !== '' || (url.username !== '' && scheme !== 'ssh:')) {
    return 'has a user name or password in its url: they are parts of their own';
  }
  if (url.search !== '' || url.hash !== '') return 'has a url with a query or fragment: leave it out';
  const isPlainHere = scheme === 'https:' && url.protocol === 'http:' && isLoopbackHost(url.hostname);
  if (url.protocol === scheme || isPlainHere) return undefined;
  const plain = scheme === 'https:' ? ' (http:// only for a server on this machine)' : '';
  return `has a url that begins with ${url.protocol}//, and must begin with ${scheme}//${plain}`;
}

/**
 * Reads the credential mounted under a name, as Kubernetes mounts a Secret: `folder/NAME/`, one file for each part. Read at
 * every use, so that a rotated one is taken at once. Undefined when there is no folder of that name, or no folder at all.
 * Rejects with MountedCredentialError when what is there makes no credential.
 */
export async function readMountedCredential(
  folder: string | undefined,
  name: string,
): Promise<BoundCredential | undefined> {
  // Names come from Git: a path in one must not lead out of the folder.
  if (!namePattern.test(name)) throw malformed(name, `is not a name (a-z, A-Z, 0-9, "-", "_" and ".")`);
  if (folder === undefined || !(await isFolder(join(folder, name)))) return undefined;
  const parts = new Map<CredentialPart, string>();
  for (const part of partNames) {
    const text = await readPart(join(folder, name, part), name);
    if (text !== undefined) parts.set(part, text);
  }
  const credential = credentialOfParts(name, parts);
  if (!credential.ok) throw malformed(name, `in ${join(folder, name)} ${credential.error}`);
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

function malformed(name: string, why: string): MountedCredentialError {
  return new MountedCredentialError(`credential ${JSON.stringify(name)} ${why}`, {
    code: 'CREDENTIAL_MALFORMED',
    // Somebody mends the files: then it works without a restart.
    retry: 'backoff',
  });
}
