import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, FlotillaError } from '@flotilla/shared/base';
import { randomSecret, writeFileAtomically } from '@flotilla/shared/kit';

/** The admin token cannot be used as it lies there. */
export class AdminTokenError extends FlotillaError {
  override readonly name = 'AdminTokenError';
}

/** The token, and where it lies. */
export interface AdminToken {
  readonly token: string;
  /** For the command line's context. */
  readonly path: string;
}

/** A token that people may have put there themselves: long enough that nobody guesses it. */
const tokenPattern = /^[\x21-\x7e]{32,512}$/;
const othersMayRead = 0o077;

/**
 * Reads `admin-token` in the hub's data folder, and makes it at the first start (mode 0600, 32 random bytes). Call under
 * the data folder's lock. Rejects with AdminTokenError when others may read the file or its text is no token.
 */
export async function openAdminToken(dataDir: string): Promise<AdminToken> {
  const path = join(dataDir, 'admin-token');
  const found = await readToken(path);
  if (found !== undefined) return { token: found, path };
  const token = randomSecret();
  await writeFileAtomically(path, `${token}\n`);
  return { token, path };
}

async function readToken(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & othersMayRead) !== 0) {
      throw new AdminTokenError(
        `${path} may be read by other users: replace it (delete it and restart), or chmod 600 it`,
        { code: 'ADMIN_TOKEN_OPEN', retry: 'never' },
      );
    }
    const token = (await readFile(path, 'utf8')).trim();
    if (tokenPattern.test(token)) return token;
    throw new AdminTokenError(
      `${path} holds no token of 32 to 512 printable characters: delete it and restart`,
      { code: 'ADMIN_TOKEN_INVALID', retry: 'never' },
    );
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
