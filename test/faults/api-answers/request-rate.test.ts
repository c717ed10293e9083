import { describe, expect, it } from 'vitest';
import { judgeRate, perCollectionMax, perObjectMax } from './request-rate.ts';

const object = '/api/v1/namespaces/shop/configmaps/settings';
const collection = '/api/v1/configmaps';

const every = (path: string, ms: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ path, atMs: index * ms, isThrottled: false }));

describe('the judge of requests', () => {
  it('lets pass what is asked for as often as the backoff says, however long', () => {
    const rate = judgeRate(every(object, 60_000 / perObjectMax, 1_000), 0);
    expect(rate).toMatchObject({ perObject: perObjectMax, broken: [] });
  });

  it('names an object, and a kind, that is asked for too often', () => {
    const rate = judgeRate([...every(object, 100, perObjectMax + 1), ...every(collection, 100, 99)], 0);
    expect(rate.broken).toEqual([
      `${object} was asked for ${perObjectMax + 1} times in a minute, more than ${perObjectMax}`,
      `${collection} was asked for 99 times in a minute, more than ${perCollectionMax}`,
    ]);
  });

  it('sees what came again before its Retry-After was over', () => {
    const throttled = [
      { path: object, atMs: 0, isThrottled: true },
      { path: collection, atMs: 10, isThrottled: false },
      { path: object, atMs: 7_000, isThrottled: true },
    ];
    expect(judgeRate(throttled, 8_000).broken).toEqual([
      'Retry-After was 8000 ms and it came again after 7000 ms',
    ]);
    expect(judgeRate(throttled, 7_000)).toMatchObject({ throttledPauseMs: 7_000, broken: [] });
  });
});
