import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeError, errorCode } from '@flotilla/shared/base';
import {
  type CliContext,
  cliContextFile,
  cliPointerPath,
  isLoopbackHost,
  parseCliContext,
  problemCodes,
} from '@flotilla/shared/model';
import { CliError, usageError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';

/** Where to look for a hub, as flags say; each flag has a variable that counts when it is not given. */
export interface HubFlags {
  readonly hub?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly dataDir?: string | undefined;
}

/** A hub that can be called. */
export interface HubAddress {
  /** Without path. */
  readonly url: URL;
  readonly token: string;
  /** The data folder of a hub on this machine, when it is known; for messages. */
  readonly dataDir: string | undefined;
}

/** Environment variables. */
export type Environment = { readonly [name: string]: string | undefined };

/**
 * Finds the hub: `--hub` and `--token-file`, else FLOTILLA_HUB and FLOTILLA_TOKEN_FILE, else the context that the hub
 * wrote into its data folder (`--data-dir`, FLOTILLA_DATA_DIR), else the user's pointer to the hub that was started
 * last. Throws CliError when there is none, or its token cannot be read.
 */
export async function findHub(flags: HubFlags, env: Environment): Promise<HubAddress> {
  const hub = flags.hub ?? nonEmpty(env['FLOTILLA_HUB']);
  const tokenFile = flags.tokenFile ?? nonEmpty(env['FLOTILLA_TOKEN_FILE']);
  const dataDir = flags.dataDir ?? nonEmpty(env['FLOTILLA_DATA_DIR']);
  if (hub !== undefined && tokenFile !== undefined) {
    return { url: hubUrl(hub), token: await readToken(tokenFile), dataDir };
  }
  const context = await findContext(dataDir, env);
  if (context === undefined) throw noHub(hub);
  const url = hubUrl(hub ?? context.hub);
  // A token goes only to the hub that it belongs to.
  if (tokenFile === undefined && url.origin !== new URL(context.hub).origin) throw noToken(url, context);
  const token = tokenFile === undefined ? await readTokenOf(context) : await readToken(tokenFile);
  return { url, token, dataDir: context.dataDir };
}

async function findContext(dataDir: string | undefined, env: Environment): Promise<CliContext | undefined> {
  if (dataDir !== undefined) {
    const path = join(resolve(dataDir), cliContextFile);
    const found = await readContext(path);
    if (found !== undefined) return found;
    throw new CliError(
      {
        code: problemCodes.noHubKnown,
        text: `there is no hub in ${dataDir}`,
        cause: `${path} does not exist: the hub writes it when it starts`,
        next: `flotilla-hub serve --data-dir ${dataDir} --control-url URL`,
      },
      exitCodes.usage,
    );
  }
  const pointer = cliPointerPath(env);
  return pointer === undefined ? undefined : readContext(pointer);
}

async function readContext(path: string): Promise<CliContext | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unreadable(path, describeError(error));
  }
  const read = parseCliContext(text);
  if (read.ok) return read.value;
  throw unreadable(path, `it ${read.error}`);
}

function unreadable(path: string, cause: string): CliError {
  return new CliError(
    {
      code: problemCodes.noHubKnown,
      text: `${path} cannot be used`,
      cause,
      next: 'flotilla status --hub URL --token-file PATH',
    },
    exitCodes.usage,
  );
}

/** Plain http would show the token to the network, so it is for this machine alone. */
function hubUrl(text: string): URL {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    throw usageError(`${JSON.stringify(text)} is not the address of a hub`, {
      cause: 'write it as http://127.0.0.1:7440',
    });
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw usageError(`will not call ${url.origin}: it would show the token to the network`, {
      cause: 'plain http is for hubs on this machine',
      next: `ssh -L 7440:127.0.0.1:7440 ${url.hostname} & flotilla status --hub http://127.0.0.1:7440 --token-file PATH`,
    });
  }
  return new URL(url.origin);
}

/** The token of a hub on this machine; without its file that hub is not merely locked, it is gone with its data. */
async function readTokenOf({ dataDir, hub, tokenFile }: CliContext): Promise<string> {
  try {
    await access(tokenFile);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new CliError(
        {
          code: problemCodes.hubUnreachable,
          text: `the hub that was started last on this machine, ${hub}, is gone`,
          cause: `its token file ${tokenFile} does not exist any more`,
          next: `flotilla-hub serve --data-dir ${dataDir} --control-url URL`,
        },
        exitCodes.hubUnreachable,
      );
    }
  }
  return await readToken(tokenFile);
}

async function readToken(path: string): Promise<string> {
  let cause: string;
  try {
    const token = (await readFile(path, 'utf8')).trim();
    if (/^[\x21-\x7e]+$/.test(token)) return token;
    cause = 'it does not hold a token';
  } catch (error) {
    cause =
      errorCode(error) === 'EACCES' ? 'it may be read by the user of the hub alone' : describeError(error);
  }
  throw new CliError(
    {
      code: problemCodes.tokenUnreadable,
      text: `the token file ${path} cannot be used`,
      cause,
      next: 'flotilla status --token-file DATA-DIR/admin-token',
    },
    exitCodes.notAuthorised,
  );
}

function noHub(hub: string | undefined): CliError {
  const isTokenMissing = hub !== undefined;
  return new CliError(
    {
      code: isTokenMissing ? problemCodes.tokenUnreadable : problemCodes.noHubKnown,
      text: isTokenMissing ? `there is no token for ${hub}` : 'no hub is known',
      cause: isTokenMissing
        ? 'neither --token-file nor FLOTILLA_TOKEN_FILE is given'
        : 'no hub was started by this user, and neither --hub, --data-dir nor their variables are given',
      next: isTokenMissing
        ? `flotilla status --hub ${hub} --token-file DATA-DIR/admin-token`
        : 'flotilla-hub serve --control-url URL',
    },
    isTokenMissing ? exitCodes.notAuthorised : exitCodes.usage,
  );
}

function noToken(url: URL, context: CliContext): CliError {
  return new CliError(
    {
      code: problemCodes.tokenUnreadable,
      text: `there is no token for ${url.origin}`,
      cause: `the token that is known belongs to ${context.hub}`,
      next: `flotilla status --hub ${url.origin} --token-file PATH`,
    },
    exitCodes.notAuthorised,
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
