import { streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { type Heard, heardEnd, heardNow, judgeHub, presenceOf } from './presence.ts';

const startedMs = 0;
const longAfterMs = 3_600_000;

function shown(heard: Heard | undefined, ageMs: number, nowMs = longAfterMs, hasReported = true) {
  const at = heard ?? undefined;
  return presenceOf(at && { ...at, lastHeardMs: nowMs - ageMs }, { startedMs, nowMs, hasReported });
}

describe('presence', () => {
  test.each([
    [0, 'connected'],
    [streamTimes.suspectMs - 1, 'connected'],
    [streamTimes.suspectMs, 'suspect'],
    [streamTimes.silentMs, 'disconnected'],
    [streamTimes.lostMs, 'lost'],
  ])('of an open stream that was silent for %i ms is %s', (ageMs, expected) => {
    expect(shown(heardNow(0), ageMs)).toBe(expected);
  });

  test('of a stream that ended is suspect at once', () => {
    expect(shown(heardEnd(heardNow(0), longAfterMs), 1_000)).toBe('suspect');
  });

  test('of a cluster that never spoke is never', () => {
    expect(shown(undefined, 0, longAfterMs, false)).toBe('never');
  });

  test('is never called offline in the first five minutes of a hub process', () => {
    const before = streamTimes.startGraceMs - 1;
    expect(shown(heardEnd(heardNow(0), 0), before, before)).toBe('suspect');
    expect(presenceOf(undefined, { startedMs, nowMs: before, hasReported: true })).toBe('suspect');
    expect(presenceOf(undefined, { startedMs, nowMs: before + 1, hasReported: true })).toBe('disconnected');
  });

  test('of a cluster that does not come back after a hub restart ends in lost', () => {
    expect(presenceOf(undefined, { startedMs, nowMs: streamTimes.lostMs, hasReported: true })).toBe('lost');
  });
});

describe('a hub', () => {
  const well = { isImpaired: false, sinceMs: 0 };
  const nowMs = longAfterMs;
  const connected = (count: number) => Array.from({ length: count }, () => heardNow(nowMs));
  const gone = (count: number, agoMs: number) =>
    Array.from({ length: count }, () => heardEnd(heardNow(nowMs - agoMs), nowMs - agoMs));

  test.each([
    [100, 20, false],
    [100, 26, true],
    [3, 0, false],
    [0, 3, false],
    [0, 4, true],
    [2, 3, false],
    [2, 4, true],
  ])('with %i connected and %i gone within a minute is impaired: %s', (there, away, expected) => {
    expect(judgeHub(well, [...connected(there), ...gone(away, 30_000)], nowMs).isImpaired).toBe(expected);
  });

  test('is not impaired by clusters that left one by one', () => {
    expect(judgeHub(well, [...connected(10), ...gone(50, 300_000)], nowMs)).toBe(well);
  });

  test('stays impaired until most are back, and says since when', () => {
    const impaired = { isImpaired: true, sinceMs: 5 };

    expect(judgeHub(impaired, [...connected(50), ...gone(50, 300_000)], nowMs)).toBe(impaired);
    expect(judgeHub(impaired, [...connected(90), ...gone(10, 300_000)], nowMs)).toEqual({
      isImpaired: false,
      sinceMs: nowMs,
    });
  });

  test('is no longer impaired when those who went are Lost', () => {
    const impaired = { isImpaired: true, sinceMs: 5 };

    expect(judgeHub(impaired, [...connected(5), ...gone(50, streamTimes.lostMs)], nowMs).isImpaired).toBe(
      false,
    );
  });

  test('counts a silent open stream as gone', () => {
    const silent = Array.from({ length: 10 }, () => heardNow(nowMs - 25_000));

    expect(judgeHub(well, [...connected(10), ...silent], nowMs).isImpaired).toBe(true);
  });
});
