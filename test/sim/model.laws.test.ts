import { describe, expect, it } from 'vitest';
import { runSeed } from './run-seed.ts';

/** What broke in so many lives of a fleet, each judged message by message. */
async function violations(from: number, count: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const { failure } = await runSeed(seed);
    if (failure !== undefined) found.push(`seed ${seed}: ${failure.message}`);
  }
  return found;
}

describe('two hub processes on one lossy log, both of which are killed now and then', () => {
  it('I4: open every wave once, whoever of them tries', async () => {
    expect(await violations(21, 6)).toEqual([]);
  });
});
