import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootFolder } from '../paths.ts';
import { filesLeftOut, longFiles } from './sampled-files.ts';

const seeds = Array.from({ length: 64 }, (_, index) =>
  (index * 2_654_435_761).toString(16).padStart(40, 'a'),
);

describe.each(Object.entries(longFiles))('the sample of long files of %s', (project, long) => {
  it('is one of them in CI, the same for the same commit', () => {
    for (const seed of seeds) {
      const leftOut = filesLeftOut(project, { tier: 'ci', seed });
      expect(leftOut).toHaveLength(long.length - 1);
      expect(filesLeftOut(project, { tier: 'ci', seed })).toEqual(leftOut);
    }
  });

  it('moves from commit to commit until each had its turn', () => {
    const chosen = seeds.flatMap((seed) =>
      long.filter((path) => !filesLeftOut(project, { tier: 'ci', seed }).includes(path)),
    );
    expect(new Set(chosen)).toEqual(new Set(long));
  });

  it('is all of them for a person and for test:all', () => {
    expect(filesLeftOut(project, { tier: undefined, seed: 'abc' })).toEqual([]);
    expect(filesLeftOut(project, { tier: 'all', seed: 'abc' })).toEqual([]);
  });

  it('names files that exist', () => {
    expect(long.filter((path) => !existsSync(join(rootFolder, path)))).toEqual([]);
  });
});

describe('a project without long files', () => {
  it('leaves nothing out', () => {
    expect(filesLeftOut('unit', { tier: 'ci', seed: 'abc' })).toEqual([]);
  });
});
