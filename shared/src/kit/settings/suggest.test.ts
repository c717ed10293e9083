import { expect, test } from 'vitest';
import { closestName } from './suggest.ts';

const names = ['clusters', 'placements', 'assignments', 'rollouts'];

test.each([
  ['cluster', 'clusters'],
  ['plcaements', 'placements'],
  ['rolouts', 'rollouts'],
  ['Assignment', 'assignments'],
  ['pods', undefined],
  ['', undefined],
])('%s suggests %s', (typed, meant) => {
  expect(closestName(typed, names)).toBe(meant);
});
