import { describe, expect, test } from 'vitest';
import { foldLease, type Lease, leaseTimes, leavesItUntilMs, shouldWriteLease, stillDue } from './lease.ts';

const ofB: Lease = { holder: 'b', revision: 7, seenMs: 1_000 };

/** Whether process a writes the lease at that time. */
function writes(lease: Lease | undefined, nowMs: number, canDecide = true): boolean {
  return shouldWriteLease(lease, { self: 'a', canDecide }, nowMs);
}

describe('the lease', () => {
  test('ages from when its newest writing was first seen, not by the clock of its writer', () => {
    const again = foldLease(ofB, { holder: 'b', revision: 7 }, 5_000);
    expect(again).toBe(ofB);
    expect(foldLease(ofB, { holder: 'b', revision: 8 }, 5_000)).toEqual({
      holder: 'b',
      revision: 8,
      seenMs: 5_000,
    });
    expect(foldLease(ofB, undefined, 5_000)).toBeUndefined();
  });

  test('of another process is left alone until it was not written for ten seconds', () => {
    const staleMs = ofB.seenMs + leaseTimes.staleMs;
    expect([staleMs - 1, staleMs].map((nowMs) => writes(ofB, nowMs))).toEqual([false, true]);
    expect(leavesItUntilMs(ofB, 'a', 2_000)).toBe(staleMs);
  });

  test('is written again by its holder, and taken at once where there is none', () => {
    const own = { ...ofB, holder: 'a' };
    const dueMs = own.seenMs + leaseTimes.renewMs;
    expect([dueMs - 1, dueMs].map((nowMs) => writes(own, nowMs))).toEqual([false, true]);
    expect(writes(undefined, 0)).toBe(true);
  });

  test('is never written by a process that cannot decide: another one must have it', () => {
    for (const lease of [undefined, ofB, { ...ofB, holder: 'a' }]) {
      expect(writes(lease, 1_000_000, false)).toBe(false);
    }
  });

  test('holds back neither its holder nor anybody where there is none', () => {
    expect(leavesItUntilMs({ ...ofB, holder: 'a' }, 'a', 2_000)).toBe(2_000);
    expect(leavesItUntilMs(undefined, 'a', 2_000)).toBe(2_000);
  });
});

test('a decision is due since it was first seen, and anew once the log went on', () => {
  const first = stillDue(undefined, 5, 100);
  expect(stillDue(first, 5, 900)).toEqual({ lastSeq: 5, sinceMs: 100 });
  expect(stillDue(first, 6, 900)).toEqual({ lastSeq: 6, sinceMs: 900 });
});
