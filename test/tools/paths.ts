import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The repository's root folder. */
export const rootFolder = resolve(import.meta.dirname, '../..');

/** Where Node, pnpm and the outside programs are kept: FLOTILLA_CACHE, else `flotilla` in the XDG cache folder. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = env['FLOTILLA_CACHE'];
  if (named !== undefined && named !== '') return resolve(named);
  const base = env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'flotilla');
}

/** True when the repository has this file or folder (path from the root). */
export function isInRepository(path: string): boolean {
  return existsSync(join(rootFolder, path));
}

/** The path of a command that a dependency of the root or of a package brings, for the running Node. */
export function packageCommand(name: string, packageFolder = '.'): string {
  return join(rootFolder, packageFolder, 'node_modules/.bin', name);
}
