import { describe, expect, it } from 'vitest';
import { describeSummary, summarize } from './summary.ts';

describe('the figures of a sample', () => {
  it('are values of the sample, by nearest rank', () => {
    const sample = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summarize(sample)).toEqual({ n: 100, min: 1, p50: 50, p90: 90, p99: 99, max: 100 });
  });

  it('are all the one value of a sample of one', () => {
    expect(summarize([7])).toEqual({ n: 1, min: 7, p50: 7, p90: 7, p99: 7, max: 7 });
  });

  it('do not exist for an empty sample', () => {
    expect(() => summarize([])).toThrow('without values');
  });

  it('read as one line', () => {
    expect(describeSummary(summarize([1, 2.26]), 'ms')).toBe('p50 1, p99 2.3, max 2.3 ms (n 2)');
  });
});
