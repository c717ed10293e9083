import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '@flotilla/shared/base';
import { identityError } from './identity-error.ts';

/** The files of a fleet's identity, by name. */
export const identityFileNames = [
  'identity.json',
  'root-ca.cert.pem',
  'root-ca.key.pem',
  'hub-ca.cert.pem',
  'hub-ca.key.pem',
  'row-mac.key',
  'nats-operator.seed',
  'nats-sys.seed',
  'nats-hub.seed',
  'nats-fleet.seed',
  'nats-agents.seed',
] as const;

/** One of them. */
export type IdentityFileName = (typeof identityFileNames)[number];

/** Texts of the files; the root's key may be kept elsewhere, because daily work does not need it. */
export type IdentityFiles = Readonly<
  Record<Exclude<IdentityFileName, 'root-ca.key.pem'>, string> & Partial<Record<'root-ca.key.pem', string>>
>;

const offlineFile: IdentityFileName = 'root-ca.key.pem';
const fileBytesMax = 65_536;

/**
 * Reads an identity folder; undefined when there is none. A folder that lacks a file is refused: making the missing
 * keys anew would silently begin another fleet that no agent trusts.
 */
export async function readIdentityFiles(folder: string): Promise<IdentityFiles | undefined> {
  const there = await listIfThere(folder);
  if (there === undefined) return undefined;
  const missing = identityFileNames.filter((name) => name !== offlineFile && !there.includes(name));
  if (missing.length > 0) {
    throw identityError(
      'IDENTITY_INCOMPLETE',
      `the identity folder ${folder} lacks ${missing.join(', ')}: restore it from the backup, or move the folder away ` +
        'to begin a new fleet, which every agent must then join again',
    );
  }
  const texts = await Promise.all(
    identityFileNames
      .filter((name) => there.includes(name))
      .map(async (name) => [name, await readBounded(join(folder, name))] as const),
  );
  // fromEntries forgets which names are there: all but the root's key were just checked.
  return Object.fromEntries(texts) as IdentityFiles;
}

/**
 * Makes an identity folder whole or not at all: a crash leaves none, or one that is complete. The caller holds the lock
 * of the data folder. Folder 0700, files 0600, everything synced.
 */
export async function createIdentityFiles(folder: string, files: IdentityFiles): Promise<void> {
  const fresh = `${folder}.new`;
  // A crashed first start left it; nothing in it was ever used.
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  for (const name of identityFileNames) {
    const text = files[name];
    if (text !== undefined) await writeSynced(join(fresh, name), text);
  }
  await syncFolder(fresh);
  await rename(fresh, folder);
  await syncFolder(dirname(folder));
}

async function listIfThere(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw identityError('IDENTITY_UNREADABLE', `cannot read the identity folder ${folder}`, cause);
  }
}

async function readBounded(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw identityError('IDENTITY_UNREADABLE', `cannot read ${path}`, cause);
  });
  if (text.length > 0 && text.length <= fileBytesMax) return text;
  throw identityError(
    'IDENTITY_DAMAGED',
    `${path} has ${text.length} characters: restore it from the backup`,
  );
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
