import { readFile, stat } from 'node:fs/promises';
import type { TokenSource } from './config.ts';

/** Gives the current bearer token. */
export interface TokenReader {
  /** Undefined when no token is used. */
  current(): Promise<string | undefined>;
  /** Reads the source again after a 401; true when the token is another one now. */
  refresh(): Promise<boolean>;
}

/** A reader that notices a replaced token file by its modification time, without reading it on every request. */
export function createTokenReader(source: TokenSource): TokenReader {
  if (source.kind === 'none') return fixedReader(undefined);
  if (source.kind === 'text') return fixedReader(source.token);
  return fileReader(source.path);
}

function fixedReader(token: string | undefined): TokenReader {
  return { current: async () => token, refresh: async () => false };
}

function fileReader(path: string): TokenReader {
  let token: string | undefined;
  let readAtMtimeMs = -1;

  async function load(): Promise<void> {
    const { mtimeMs } = await stat(path);
    token = (await readFile(path, 'utf8')).trim();
    readAtMtimeMs = mtimeMs;
  }

  return {
    async current() {
      if (token === undefined || (await stat(path)).mtimeMs !== readAtMtimeMs) await load();
      return token;
    },
    async refresh() {
      const before = token;
      await load();
      return token !== before;
    },
  };
}
