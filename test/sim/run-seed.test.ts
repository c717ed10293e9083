import { expect, it } from 'vitest';
import { runSeed } from './run-seed.ts';

it.each([1, 2, 3])('every invariant holds in seed %i', async (seed) => {
  const { failure, kinds } = await runSeed(seed);
  expect(failure?.message).toBeUndefined();
  expect(kinds['wave-opened']).toBeGreaterThan(0);
});
