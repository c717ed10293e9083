import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAdminToken } from './admin-token.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-token-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('the admin token', () => {
  it('is made at the first start, for its owner alone, and stays the same', async () => {
    const first = await openAdminToken(folder);
    const second = await openAdminToken(folder);

    expect(second).toEqual(first);
    expect(first.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await stat(first.path)).mode & 0o777).toBe(0o600);
    expect(await readFile(first.path, 'utf8')).toBe(`${first.token}\n`);
  });

  it('is refused when others may read it', async () => {
    const { path } = await openAdminToken(folder);
    await chmod(path, 0o640);

    await expect(openAdminToken(folder)).rejects.toMatchObject({ code: 'ADMIN_TOKEN_OPEN' });
  });

  it.each(['', 'short', `${'a'.repeat(40)} ${'b'.repeat(40)}`])(
    'is refused when the file holds %j, and not replaced',
    async (text) => {
      await writeFile(join(folder, 'admin-token'), text, { mode: 0o600 });

      await expect(openAdminToken(folder)).rejects.toMatchObject({ code: 'ADMIN_TOKEN_INVALID' });
      expect(await readFile(join(folder, 'admin-token'), 'utf8')).toBe(text);
    },
  );
});
