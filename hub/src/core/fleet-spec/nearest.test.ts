import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['clustrs', 'clusters'],
    ['Clusters', 'clusters'],
    ['sourec', 'source'],
    ['zzzz', undefined],
  ])('takes %s for %s', (typed, expected) => {
    expect(nearest(typed, ['clusters', 'source', 'spec'])).toBe(expected);
  });

  it('says so in a sentence, or says nothing', () => {
    expect(didYouMean('sorce', ['source'])).toBe('; did you mean "source"?');
    expect(didYouMean('other', ['source'])).toBe('');
  });
});
