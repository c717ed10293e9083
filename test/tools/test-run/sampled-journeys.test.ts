import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootFolder } from '../paths.ts';
import { journeysLeftOut, longJourneys } from './sampled-journeys.ts';

const seeds = Array.from({ length: 64 }, (_, index) =>
  (index * 2_654_435_761).toString(16).padStart(40, 'a'),
);

describe('the sample of long journeys', () => {
  it('is one of them in CI, the same for the same commit', () => {
    for (const seed of seeds) {
      expect(journeysLeftOut('ci', seed)).toHaveLength(longJourneys.length - 1);
      expect(journeysLeftOut('ci', seed)).toEqual(journeysLeftOut('ci', seed));
    }
  });

  it('moves from commit to commit until each had its turn', () => {
    const chosen = new Set(
      seeds.flatMap((seed) => longJourneys.filter((path) => !journeysLeftOut('ci', seed).includes(path))),
    );
    expect(chosen).toEqual(new Set(longJourneys));
  });

  it('is all of them for a person and for test:all', () => {
    expect(journeysLeftOut(undefined, 'abc')).toEqual([]);
    expect(journeysLeftOut('all', 'abc')).toEqual([]);
  });

  it('names files that exist', () => {
    expect(longJourneys.filter((path) => !existsSync(join(rootFolder, path)))).toEqual([]);
  });
});
