import { expect, it } from 'vitest';
import type { SeedReport } from './outcome.ts';
import { runSeeds } from './pool.ts';
import { runSeed } from './run-seed.ts';

async function live(workers: number): Promise<readonly SeedReport[]> {
  const reports: SeedReport[] = [];
  const onReport = (report: SeedReport) => void reports.push(report);
  await runSeeds({ from: 40, count: 21, workers, onReport }, new AbortController().signal);
  return reports.sort((left, right) => left.seed - right.seed);
}

it('lives through a seed in the same way in whichever process, after whichever other seeds', async () => {
  const one = await live(1);
  expect(one.map(({ seed }) => seed)).toEqual(Array.from({ length: 21 }, (_, index) => 40 + index));
  expect(await live(2)).toEqual(one);
  const { failure, hash, kinds } = await runSeed(55);
  expect(one[15]).toMatchObject({ seed: 55, hash, kinds });
  expect(one[15]?.failure).toBe(failure?.message);
});
