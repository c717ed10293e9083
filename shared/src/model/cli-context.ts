import { err, ok, type Result } from '../base/index.ts';

/** How the command line finds a hub on the same machine: the hub writes it at start, in its data folder and as a pointer in the user's configuration. */
export interface CliContext {
  /** Format of the file; a newer one than the program knows is refused. */
  readonly format: number;
  /** `http://127.0.0.1:7440`; loopback only. */
  readonly hub: string;
  /** Absolute path of the file that holds the admin token. */
  readonly tokenFile: string;
  /** Absolute path of the hub's data folder, for messages. */
  readonly dataDir: string;
}

/** Format that this program writes and reads. */
export const cliContextFormat = 1;

/** Its name in the hub's data folder. */
export const cliContextFile = 'cli-context.json';

/**
 * Where the pointer lies: `$XDG_CONFIG_HOME/flotilla/context.json`, else `$HOME/.config/flotilla/context.json`;
 * undefined when neither variable is set to an absolute path.
 */
export function cliPointerPath(env: { readonly [name: string]: string | undefined }): string | undefined {
  const { XDG_CONFIG_HOME: config, HOME: home } = env;
  if (config?.startsWith('/')) return `${config}/flotilla/context.json`;
  return home?.startsWith('/') ? `${home}/.config/flotilla/context.json` : undefined;
}

/** Reads the file's text. The error is a clause that follows the file's name. */
export function parseCliContext(text: string): Result<CliContext, string> {
  const raw = parseObject(text);
  if (raw === undefined) return err('is not a JSON object');
  if (raw['format'] !== cliContextFormat) {
    return err(`has format ${JSON.stringify(raw['format'])}, and this program reads ${cliContextFormat}`);
  }
  const { hub, tokenFile, dataDir } = raw;
  if (typeof hub !== 'string' || typeof tokenFile !== 'string' || typeof dataDir !== 'string') {
    return err('lacks hub, tokenFile or dataDir');
  }
  if (!isLoopbackUrl(hub)) return err('names a hub that is not on this machine');
  return ok({ format: cliContextFormat, hub, tokenFile, dataDir });
}

/** True for `localhost`, 127.0.0.0/8 and `::1`, also in brackets: names that only this machine answers to. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.[0-9]{1,3}){3}|::1|\[::1\])$/i.test(host);
}

function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.protocol === 'http:' && isLoopbackHost(url.hostname);
}

function parseObject(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
