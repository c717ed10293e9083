import { expect, it } from 'vitest';
import { expectedKinds, neverSeen, sumKinds } from './seen-kinds.ts';

const report = (kinds: { readonly [kind: string]: number }) => ({
  seed: 1,
  failure: undefined,
  hash: '',
  kinds,
});

it('names what never came up in any seed', () => {
  const kinds = Object.fromEntries(expectedKinds.map((kind) => [kind, 1]));
  const { tick, ...others } = kinds;
  expect(tick).toBe(1);
  expect(neverSeen(sumKinds([report(others), report({ 'wave-opened': 2 })]))).toEqual(['tick']);
  expect(neverSeen(sumKinds([report(others), report({ tick: 1 })]))).toEqual([]);
});
