import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openGitReader } from './git-reader.ts';

test('what a killed process left in the scratch folder is gone after the next start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-git-reader-'));
  try {
    await mkdir(join(folder, 'scratch/flotilla-depth-1-abc'), { recursive: true });
    await writeFile(join(folder, 'scratch/flotilla-depth-1-abc/half.pack'), 'PACK');

    const reader = await openGitReader({
      folder,
      allowPlainHttpHosts: [],
      deniedRanges: [],
      credentialOf: async () => undefined,
    });
    await reader.close();

    expect(await readdir(folder)).not.toContain('scratch');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
