import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDelta } from './delta.ts';
import { deltaBetween } from './pack-fixture.ts';

const bytes = fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array));

describe('laws of deltas', () => {
  it('a delta between two contents rebuilds the second from the first', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (prefix, left, right) => {
        const base = Buffer.concat([prefix, left]);
        const result = Buffer.concat([prefix, right]);

        expect(applyDelta(base, deltaBetween(base, result), 10_000)).toEqual({ ok: true, value: result });
      }),
    );
  });

  it('any bytes are a delta or an error, and never make more than the limit', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat({ max: 500 }), (base, delta, max) => {
        const built = applyDelta(base, delta, max);

        expect(built.ok ? built.value.length : 0).toBeLessThanOrEqual(max);
      }),
    );
  });
});
