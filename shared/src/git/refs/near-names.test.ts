import { describe, expect, it } from 'vitest';
import { nearNames, suggestion } from './near-names.ts';

describe('nearNames', () => {
  it('gives the nearest first, at most three, ties by name', () => {
    expect(nearNames('main', ['maim', 'domain', 'mains', 'Main', 'other'])).toEqual([
      'Main',
      'domain',
      'maim',
    ]);
  });

  it('gives nothing when nothing is near', () => {
    expect(nearNames('main', ['release', 'x'])).toEqual([]);
    expect(nearNames('ab', ['xy'])).toEqual([]);
  });
});

describe('suggestion', () => {
  it.each([
    [[], ''],
    [['a'], '; did you mean a?'],
    [['a', 'b', 'c'], '; did you mean a, b or c?'],
  ])('of %j reads %j', (names, text) => {
    expect(suggestion(names)).toBe(text);
  });
});
