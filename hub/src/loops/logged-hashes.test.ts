import { createHash } from 'node:crypto';
import type { Digest } from '@flotilla/shared/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LoggedHashes } from './logged-hashes.ts';

/** Hash of the event that a log has at a sequence. */
function hashAt(seq: number, log = 'log'): Digest {
  // sha-256 in hex is what a Digest is.
  return createHash('sha256').update(`${log} ${seq}`).digest('hex') as Digest;
}

function taken(from: number, to: number, max?: number): LoggedHashes {
  const hashes = new LoggedHashes(max);
  for (let seq = from; seq <= to; seq += 1) hashes.take(seq, hashAt(seq));
  return hashes;
}

describe('the hashes of folded events', () => {
  test('tell an event of the log from another one of its sequence, and say nothing of what is not folded', () => {
    const hashes = taken(1, 3_000);

    expect(hashes.has(1, hashAt(1))).toBe(true);
    expect(hashes.has(2_999, hashAt(2_999))).toBe(true);
    expect(hashes.has(2_999, hashAt(2_999, 'lost'))).toBe(false);
    expect(hashes.has(0, hashAt(0))).toBeUndefined();
    expect(hashes.has(3_001, hashAt(3_001))).toBeUndefined();
  });

  test('tell events apart that differ in one half of what is kept', () => {
    const hashes = new LoggedHashes();
    const zeros = '0'.repeat(64) as Digest;
    hashes.take(1, zeros);

    expect(hashes.has(1, `1${zeros.slice(1)}` as Digest)).toBe(false);
    expect(hashes.has(1, `${zeros.slice(0, 15)}1${zeros.slice(16)}` as Digest)).toBe(false);
  });

  test('are those of the newest events only', () => {
    const hashes = taken(1, 5_000, 2_048);

    expect(hashes.has(5_000 - 2_048, hashAt(5_000 - 2_048))).toBeUndefined();
    expect(hashes.has(5_000 - 2_047, hashAt(5_000 - 2_047))).toBe(true);
    expect(hashes.has(5_000, hashAt(5_000))).toBe(true);
  });

  test('say nothing of what lies before a gap', () => {
    const hashes = taken(1, 10);
    hashes.take(12, hashAt(12));

    expect([10, 11].map((seq) => hashes.has(seq, hashAt(seq)))).toEqual([undefined, undefined]);
    expect(hashes.has(12, hashAt(12))).toBe(true);
  });

  test('take an event once', () => {
    const hashes = taken(1, 10);
    hashes.take(10, hashAt(10, 'again'));

    expect(hashes.has(10, hashAt(10))).toBe(true);
  });

  test('know exactly the newest of any unbroken run, however far the log has come', () => {
    const run = fc.record({ from: fc.nat({ max: 100_000 }), count: fc.integer({ min: 1, max: 6_000 }) });
    fc.assert(
      fc.property(run, fc.nat({ max: 6_000 }), ({ from, count }, ago) => {
        const last = from + count;
        const hashes = taken(from + 1, last, 2_048);
        const seq = last - ago;
        const isKnown = seq > from && ago < 2_048;
        expect(hashes.has(seq, hashAt(seq))).toBe(isKnown ? true : undefined);
        expect(hashes.has(seq, hashAt(seq, 'lost'))).toBe(isKnown ? false : undefined);
      }),
      { numRuns: 50 },
    );
  });
});
