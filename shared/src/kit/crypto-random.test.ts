import { expect, test } from 'vitest';
import { parseClusterUid } from '../base/index.ts';
import { cryptoRandom, randomSecret, randomUid } from './crypto-random.ts';

test('numbers lie in [0, 1) and differ, beyond one pool', () => {
  const random = cryptoRandom();
  const drawn = Array.from({ length: 1_000 }, () => random.next());
  expect(drawn.every((one) => one >= 0 && one < 1)).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(990);
});

test('uids are uids, secrets are long enough and url-safe', () => {
  expect(parseClusterUid(randomUid()).ok).toBe(true);
  expect(randomSecret()).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
