import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { natsServerError } from './nats-server-error.ts';

const run = promisify(execFile);

/** Oldest server that the product works with: atomic batches came with it. */
export const natsVersionMin = '2.12.0';

const probeMs = 10_000;
const wayOut =
  'install it (nats-server 2.12 or newer), name it with --nats-server PATH, or use a server of your own with --nats-urls';

/** A program that can be started. */
export interface NatsProgram {
  readonly path: string;
  /** `2.15.2`. */
  readonly version: string;
}

/** Where to look for nats-server: a path, or the folders of a PATH text. */
export interface ProgramPlace {
  /** Undefined = look in `searchPath`. */
  readonly path: string | undefined;
  /** The PATH variable. */
  readonly searchPath: string;
}

/** Finds nats-server and asks its version. Rejects with NatsServerError when there is none or it is too old. */
export async function findNatsProgram(place: ProgramPlace, signal: AbortSignal): Promise<NatsProgram> {
  const path = place.path ?? (await firstOnPath(place.searchPath));
  if (path === undefined)
    throw natsServerError('NATS_SERVER_MISSING', `nats-server was not found: ${wayOut}`);
  const version = await versionOf(path, signal);
  if (isNewEnough(version)) return { path, version };
  throw natsServerError(
    'NATS_SERVER_VERSION',
    `${path} is nats-server ${version}, and ${natsVersionMin} or newer is needed: ${wayOut}`,
  );
}

async function firstOnPath(searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter).filter((part) => part !== '')) {
    const candidate = join(folder, 'nats-server');
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  return undefined;
}

/** `nats-server --version` prints `nats-server: v2.15.2`. */
async function versionOf(path: string, signal: AbortSignal): Promise<string> {
  const output = await run(path, ['--version'], {
    timeout: probeMs,
    signal,
    maxBuffer: 65_536,
    env: {},
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw natsServerError('NATS_SERVER_MISSING', `${path} cannot be started: ${wayOut}`, cause);
  });
  const version = /v?(\d+\.\d+\.\d+)/.exec(`${output.stdout}${output.stderr}`)?.[1];
  if (version !== undefined) return version;
  throw natsServerError(
    'NATS_SERVER_MISSING',
    `${path} does not say its version as nats-server does: ${wayOut}`,
  );
}

function isNewEnough(version: string): boolean {
  const [mine, least] = [version, natsVersionMin].map((text) => text.split('.').map(Number));
  for (const part of [0, 1, 2]) {
    const difference = (mine?.[part] ?? 0) - (least?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
