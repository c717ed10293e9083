import { describe, expect, it } from 'vitest';
import { utcText } from './civil.ts';
import { hourMs, schedule, spanText } from './schedule-fixture.ts';
import { spansOf } from './spans.ts';
import { zoneOf } from './zone.ts';

const dayMs = 24 * hourMs;

/** The first so many spans from a moment on, in UTC. */
function spans(
  [cron, durationMs, zone]: readonly [string, number, string?],
  from: string,
  count = 3,
): readonly string[] {
  const fromMs = Date.parse(from);
  return [...spansOf(schedule(cron, durationMs, zone), fromMs, fromMs + 800 * dayMs)]
    .slice(0, count)
    .map(spanText);
}

describe('a schedule', () => {
  it('begins with the span that a moment is in, and goes on in order', () => {
    expect(spans(['0 20 * * *', 2 * hourMs], '2026-11-24T21:00Z')).toEqual([
      '2026-11-24T20:00..2026-11-24T22:00',
      '2026-11-25T20:00..2026-11-25T22:00',
      '2026-11-26T20:00..2026-11-26T22:00',
    ]);
    expect(spans(['0 20 * * *', 2 * hourMs], '2026-11-24T22:00Z', 1)).toEqual([
      '2026-11-25T20:00..2026-11-25T22:00',
    ]);
  });

  it('joins what overlaps or adjoins', () => {
    expect(spans(['0 8-11 * * mon', hourMs], '2026-11-23T00:00Z', 1)).toEqual([
      '2026-11-23T08:00..2026-11-23T12:00',
    ]);
    expect(spans(['0 0 * * sat,sun', 30 * hourMs], '2026-11-24T00:00Z', 1)).toEqual([
      '2026-11-28T00:00..2026-11-30T06:00',
    ]);
  });

  it('that is on without an end is one span that reaches beyond the look ahead', () => {
    const fromMs = Date.parse('2026-11-24T00:00Z');
    const [only, ...others] = [...spansOf(schedule('0 0 * * *', dayMs), fromMs, fromMs + 90 * dayMs)];
    expect(others).toEqual([]);
    expect(only?.endMs).toBeGreaterThan(fromMs + 90 * dayMs);
  });

  it('lasts for elapsed time: fourteen days over a change of clocks end an hour later by the clock', () => {
    expect(spans(['0 0 20 3 *', 14 * dayMs, 'Europe/Paris'], '2026-03-25T00:00Z', 1)).toEqual([
      // From 00:00 +01:00 until 01:00 +02:00.
      '2026-03-19T23:00..2026-04-02T23:00',
    ]);
    expect(spans(['0 0 20 12 *', 14 * dayMs, 'Europe/Paris'], '2026-12-25T00:00Z', 1)).toEqual([
      '2026-12-19T23:00..2027-01-02T23:00',
    ]);
  });

  it('waits for leap years', () => {
    expect(spans(['0 0 29 2 *', hourMs], '2026-11-24T00:00Z')).toEqual([
      '2028-02-29T00:00..2028-02-29T01:00',
    ]);
  });
});

describe('where clocks change', () => {
  it.each([
    // Spring: 02:00 becomes 03:00 at 2026-03-29T01:00Z. What is skipped begins at the jump.
    ['Europe/Paris', '30 2 * * *', 1, '2026-03-28T12:00Z', '2026-03-29T01:00..2026-03-29T02:00'],
    ['Europe/Paris', '0 3 * * *', 1, '2026-03-28T12:00Z', '2026-03-29T01:00..2026-03-29T02:00'],
    ['Europe/Paris', '0 1 * * *', 2, '2026-03-28T12:00Z', '2026-03-29T00:00..2026-03-29T02:00'],
    // Autumn: 03:00 becomes 02:00 at 2026-10-25T01:00Z. What comes twice begins twice.
    ['Europe/Paris', '30 2 * * *', 1, '2026-10-24T12:00Z', '2026-10-25T00:30..2026-10-25T02:30'],
    ['Europe/Paris', '0 1 * * *', 2, '2026-10-24T12:00Z', '2026-10-24T23:00..2026-10-25T01:00'],
    ['Europe/Paris', '0 3 * * *', 1, '2026-10-24T12:00Z', '2026-10-25T02:00..2026-10-25T03:00'],
    // 02:00 becomes 03:00 at 2026-03-08T07:00Z, and 01:00 again at 2026-11-01T06:00Z.
    ['America/New_York', '15 2 * * *', 1, '2026-03-07T12:00Z', '2026-03-08T07:00..2026-03-08T08:00'],
    ['America/New_York', '0 22 * * sat', 8, '2026-03-07T12:00Z', '2026-03-08T03:00..2026-03-08T11:00'],
    ['America/New_York', '30 1 * * *', 1, '2026-10-31T12:00Z', '2026-11-01T05:30..2026-11-01T07:30'],
    ['America/New_York', '0 0 1 11 *', 24, '2026-10-31T12:00Z', '2026-11-01T04:00..2026-11-02T04:00'],
    // Half an hour: 02:00 becomes 02:30 at 2026-10-03T15:30Z; 02:00 becomes 01:30 at 2026-04-04T15:00Z.
    ['Australia/Lord_Howe', '15 2 * * *', 1, '2026-10-03T00:00Z', '2026-10-03T15:30..2026-10-03T16:30'],
    ['Australia/Lord_Howe', '45 1 * * *', 1, '2026-04-04T00:00Z', '2026-04-04T14:45..2026-04-04T16:15'],
    ['Australia/Lord_Howe', '0 12 * * *', 1, '2026-07-01T00:00Z', '2026-07-01T01:30..2026-07-01T02:30'],
    // No change at all, but not whole hours.
    ['Asia/Kathmandu', '0 6 * * *', 1, '2026-03-28T12:00Z', '2026-03-29T00:15..2026-03-29T01:15'],
    // Midnight itself is skipped: 2026-04-24T00:00 becomes 01:00 at 2026-04-23T22:00Z.
    ['Africa/Cairo', '0 0 24 4 *', 1, '2026-04-01T00:00Z', '2026-04-23T22:00..2026-04-23T23:00'],
    // A whole day that never was: after 2011-12-29 came 2011-12-31, at 2011-12-30T10:00Z.
    ['Pacific/Apia', '0 12 30 12 *', 1, '2011-12-01T00:00Z', '2011-12-30T10:00..2011-12-30T11:00'],
  ])('%s, %s for %d h, from %s: %s', (...[name, cron, hours, from, expected]) => {
    expect(spans([cron, hours * hourMs, name], from, 1)).toEqual([expected]);
  });

  it('what is on every hour has no hole in autumn and none in spring', () => {
    for (const name of ['Europe/Paris', 'America/New_York', 'Africa/Cairo']) {
      expect(spans(['0 * * * *', hourMs, name], '2026-01-01T00:00Z', 5)).toHaveLength(1);
    }
  });

  it('a day that is an hour longer is not covered by 24 hours', () => {
    expect(spans(['0 0 * * *', dayMs, 'Europe/Paris'], '2026-10-01T00:00Z', 2)).toEqual([
      expect.stringMatching(/\.\.2026-10-25T22:00$/),
      expect.stringMatching(/^2026-10-25T23:00/),
    ]);
  });
});

describe('a time zone', () => {
  it.each(['Mars/Olympus', 'europe', '+01:00', '', 'Europe/Paris; x', 'x'.repeat(200)])(
    '%s is none',
    (name) => {
      const found = zoneOf(name);
      expect(found.ok ? '' : found.error).toContain('is not a time zone such as Europe/Paris');
    },
  );

  it('is told for people in UTC', () => {
    expect(utcText(Date.parse('2026-11-24T20:05:59Z'))).toBe('2026-11-24 20:05 UTC');
    expect(utcText(Date.parse('2028-02-29T00:00:00Z'))).toBe('2028-02-29 00:00 UTC');
  });
});
