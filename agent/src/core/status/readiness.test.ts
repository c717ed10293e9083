import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lateAtMs, newReadiness, type Readiness, trackReadiness } from './readiness.ts';

/** What became of an assignment that was Ready and not Ready in turn, each for so long; it begins without being Ready. */
function after(...spans: readonly number[]): { readonly readiness: Readiness; readonly nowMs: number } {
  let [readiness, nowMs] = [newReadiness(0), 0];
  for (const [index, spanMs] of spans.entries()) {
    readiness = trackReadiness(readiness, index % 2 === 1, nowMs);
    nowMs += spanMs;
    readiness = trackReadiness(readiness, index % 2 === 1, nowMs);
  }
  return { readiness, nowMs };
}

describe('the deadline of an assignment', () => {
  it('counts from its row, and never while it is Ready', () => {
    expect(lateAtMs(after(10_000).readiness, 60_000)).toBe(60_000);
    expect(lateAtMs(after(10_000, 5).readiness, 60_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts anew after it was Ready for half a minute', () => {
    expect(lateAtMs(after(10_000, 30_000, 1).readiness, 60_000)).toBe(40_000 + 60_000);
  });

  it('goes on where it was when being Ready was only a moment', () => {
    expect(lateAtMs(after(10_000, 29_999, 1).readiness, 60_000)).toBe(29_999 + 60_000);
  });

  it('passes for what flaps once it was unready for as long in all', () => {
    const aSpan = fc.integer({ min: 1, max: 29_999 });
    fc.assert(
      fc.property(fc.array(fc.tuple(aSpan, aSpan), { minLength: 1, maxLength: 50 }), aSpan, (pairs, last) => {
        const { readiness, nowMs } = after(...pairs.flat(), last);
        const unreadyMs = pairs.reduce((sum, [unready]) => sum + unready, last);
        expect(nowMs >= lateAtMs(readiness, 100_000)).toBe(unreadyMs >= 100_000);
      }),
    );
  });
});

it('being Ready counts from the last moment at which it was not', () => {
  const { readiness, nowMs } = after(10_000, 5_000);
  expect(readiness.readySinceMs).toBe(10_000);
  expect(trackReadiness(readiness, true, nowMs + 1)).toBe(readiness);
  expect(trackReadiness(readiness, false, nowMs).readySinceMs).toBeUndefined();
});
