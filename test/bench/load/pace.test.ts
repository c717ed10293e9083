import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { expect, test } from 'vitest';
import { paceMs } from './pace.ts';

const shop = 'shop' as PlacementName;
const names = Array.from({ length: 200 }, (_, index) => `c${index}` as ClusterUid);

test('a played cluster without a pace is Ready at once', () => {
  expect(paceMs(undefined, shop, names[0]!)).toBe(0);
});

test('times are those of the application, a little more or less by cluster, and the same for the same words', () => {
  const times = names.map((name) => paceMs({ seed: 'a' }, shop, name));

  expect(times).toEqual(names.map((name) => paceMs({ seed: 'a' }, shop, name)));
  expect(times).not.toEqual(names.map((name) => paceMs({ seed: 'b' }, shop, name)));
  expect(new Set(times).size).toBeGreaterThan(100);
  expect(Math.max(...times) / Math.min(...times)).toBeLessThan(1.25 / 0.8 + 0.01);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(1_600);
  expect(Math.max(...times)).toBeLessThanOrEqual(10_000);
});
