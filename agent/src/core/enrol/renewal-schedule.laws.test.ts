import { seededRandom } from '@flotilla/shared/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstEndMs, type Life, renewalDueMs, renewalPauseMs, renewalRetryMs } from './renewal-schedule.ts';

const life: fc.Arbitrary<Life> = fc
  .tuple(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 1_000, max: 1e10 }))
  .map(([notBeforeMs, lifeMs]) => ({ notBeforeMs, notAfterMs: notBeforeMs + lifeMs }));
const lives = fc.array(life, { minLength: 1, maxLength: 3 });
const drawn = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a renewal', () => {
  it('of one life is due between 40 and 60 % of it', () => {
    fc.assert(
      fc.property(life, drawn, (one, draw) => {
        const share = (renewalDueMs([one], draw) - one.notBeforeMs) / (one.notAfterMs - one.notBeforeMs);
        expect(share).toBeGreaterThanOrEqual(0.4 - 1e-6);
        expect(share).toBeLessThanOrEqual(0.6 + 1e-6);
      }),
    );
  });

  it('of several is due before any of them ends, and as soon as the first of them wants it', () => {
    fc.assert(
      fc.property(lives, drawn, (several, draw) => {
        const dueMs = renewalDueMs(several, draw);
        expect(dueMs).toBeLessThan(firstEndMs(several));
        expect(dueMs).toBe(Math.min(...several.map((one) => renewalDueMs([one], draw))));
      }),
    );
  });

  it('that succeeded is followed by a pause of a twentieth of the shortest life', () => {
    fc.assert(
      fc.property(lives, (several) => {
        const shortestMs = Math.min(...several.map((one) => one.notAfterMs - one.notBeforeMs));
        expect(renewalPauseMs(several)).toBeCloseTo(shortestMs / 20, 3);
      }),
    );
  });

  it('that failed is tried again before the end, in a growing pace, and as late as the hub asks', () => {
    fc.assert(
      fc.property(
        fc.record({
          failures: fc.integer({ min: 1, max: 50 }),
          leftMs: fc.integer({ min: 4_000, max: 1e9 }),
          askedMs: fc.nat(600_000),
          seed: fc.nat(),
        }),
        ({ failures, leftMs, askedMs, seed }) => {
          const at = { failures, nowMs: 1e12, endMs: 1e12 + leftMs };
          const waitMs = renewalRetryMs({ ...at, askedMs: 0 }, seededRandom(seed));
          expect(waitMs).toBeGreaterThanOrEqual(500);
          expect(waitMs).toBeLessThanOrEqual(Math.max(500, leftMs / 4));
          expect(waitMs).toBeLessThanOrEqual(360_000);
          expect(renewalRetryMs({ ...at, askedMs }, seededRandom(seed))).toBeGreaterThanOrEqual(askedMs);
        },
      ),
    );
  });

  it('goes on being tried after the end, at a bounded pace', () => {
    const waitMs = renewalRetryMs({ failures: 20, nowMs: 10, endMs: 5, askedMs: 0 }, seededRandom(1));
    expect(waitMs).toBeGreaterThan(200_000);
    expect(waitMs).toBeLessThanOrEqual(360_000);
  });
});
