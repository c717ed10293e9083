import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFileAtomically } from './atomic-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file is written with its mode, in folders that are made, and nothing else is left', async () => {
  const path = join(folder, 'deep', 'token');
  await writeFileAtomically(path, 'one');
  await writeFileAtomically(path, 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'deep'))).toEqual(['token']);
});
