import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { civilDay } from './civil.ts';
import { hourMs, schedule } from './schedule-fixture.ts';
import { type Schedule, spansOf } from './spans.ts';

const dayMs = 24 * hourMs;
const minuteMs = 60_000;
/** Some hours before a change of clocks, and days without one. */
const places = [
  ['Europe/Paris', '2026-03-28T18:00Z'],
  ['Europe/Paris', '2026-10-24T18:00Z'],
  ['America/New_York', '2026-03-07T22:00Z'],
  ['America/New_York', '2026-10-31T22:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T06:00Z'],
  ['Africa/Cairo', '2026-04-23T12:00Z'],
  ['America/Havana', '2026-11-01T00:00Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00Z'],
] as const;

const field = (max: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 0, max }).map(String),
    fc.integer({ min: 2, max: 30 }).map((step) => `*/${step}`),
  );
const cron = fc
  .tuple(field(59), field(23), fc.constantFrom('*', '*', '29', '1-10'), fc.constantFrom('*', '*', 'sat,sun'))
  .map(([minute, hour, day, weekday]) => `${minute} ${hour} ${day} * ${weekday}`);

/** By the definition, minute by minute: what the clocks show, and what they jumped over. */
function onByTheClock(
  { cron: times, durationMs, zone: { offsetMs } }: Schedule,
  from: number,
  until: number,
): string {
  const takes = (localMs: number): boolean => {
    const { day, month, weekday } = civilDay(Math.floor(localMs / dayMs));
    const ofDay = Math.floor((localMs - Math.floor(localMs / dayMs) * dayMs) / minuteMs);
    const [isDay, isWeekday] = [times.days.includes(day), times.weekdays.includes(weekday)];
    return (
      times.minutes.includes(ofDay % 60) &&
      times.hours.includes(Math.floor(ofDay / 60)) &&
      times.months.includes(month) &&
      (times.isEitherDay ? isDay || isWeekday : isDay && isWeekday)
    );
  };
  let shown = '';
  let onUntil = Number.NEGATIVE_INFINITY;
  for (let at = from - durationMs; at < until; at += minuteMs) {
    const local = at + offsetMs(at);
    const before = at - minuteMs + offsetMs(at - minuteMs);
    let begins = takes(local);
    for (let skipped = before + minuteMs; skipped < local; skipped += minuteMs) begins ||= takes(skipped);
    if (begins) onUntil = at + durationMs;
    if (at >= from) shown += at < onUntil ? '#' : '.';
  }
  return shown;
}

describe('whatever the schedule and wherever it is', () => {
  it('is on exactly when the clocks reached or jumped over one of its times not longer ago than it lasts', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        cron,
        fc.constantFrom(1, 30, 60, 90, 600, 2_000),
        ([name, start], text, minutes) => {
          const [from, until] = [Date.parse(start), Date.parse(start) + 20 * hourMs];
          const made = schedule(text, minutes * minuteMs, name);
          const spans = [...spansOf(made, from, until)];
          let shown = '';
          for (let at = from; at < until; at += minuteMs)
            shown += spans.some(({ endMs, startMs }) => startMs <= at && at < endMs) ? '#' : '.';
          expect(shown).toBe(onByTheClock(made, from, until));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives spans in order that never touch', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        cron,
        fc.integer({ min: 1, max: 5_000 }),
        ([name, start], text, m) => {
          const from = Date.parse(start);
          const spans = [...spansOf(schedule(text, m * minuteMs, name), from, from + 40 * dayMs)];
          for (const [index, { endMs, startMs }] of spans.entries()) {
            expect(endMs).toBeGreaterThan(Math.max(startMs, from));
            expect(startMs).toBeGreaterThan(spans[index - 1]?.endMs ?? Number.NEGATIVE_INFINITY);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
