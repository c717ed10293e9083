import { ok, type Result } from '@flotilla/shared/base';
import { civilDay, dayMs } from './civil.ts';
import type { Cron } from './cron.ts';
import { type Zone, zoneOf } from './zone.ts';

/** A schedule as a file says it. Plain data. */
export interface WrittenSchedule {
  readonly cron: Cron;
  /** Elapsed time from each time of `cron` on. At least 1 ms. */
  readonly durationMs: number;
  readonly timeZone: string;
}

/** Begins at each time of `cron` on the zone's clocks, and lasts so long in elapsed time. */
export interface Schedule {
  readonly cron: Cron;
  readonly zone: Zone;
  /** At least 1 ms. */
  readonly durationMs: number;
}

/** A schedule as written, with its zone looked up; the error completes "NAME …". */
export function scheduleOf({ cron, durationMs, timeZone }: WrittenSchedule): Result<Schedule, string> {
  const zone = zoneOf(timeZone);
  return zone.ok ? ok({ cron, durationMs, zone: zone.value }) : zone;
}

/** From `startMs` on, until before `endMs`; milliseconds since 1970. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * When a schedule is on, in order, from the span that holds `fromMs` or is the next one after it; what overlaps or adjoins
 * is one span. Looks no further than `untilMs`: the last span may go on after it.
 *
 * A time begins a span whenever the zone's clocks reach it or jump over it. So one that is skipped in spring begins at the
 * moment of the jump, and one that comes twice in autumn begins twice: no window is lost to a change of clocks.
 */
export function* spansOf(schedule: Schedule, fromMs: number, untilMs: number): Generator<Span> {
  const { cron, durationMs, zone } = schedule;
  const times = timesOfDay(cron);
  const runs = merged(times, durationMs);
  let open: Span | undefined;
  // One day more: the local day may have begun before or after that of UTC.
  for (let day = Math.floor((fromMs - durationMs) / dayMs) - 1; ; day += 1) {
    const localMs = day * dayMs;
    if (localMs - furthestMs > untilMs) break;
    if (!takesDay(cron, day)) continue;
    for (const span of spansOfDay(localMs, { zone, times, runs, durationMs })) {
      if (open === undefined || span.startMs > open.endMs) {
        if (open !== undefined && open.endMs > fromMs) yield open;
        open = span;
      } else if (span.endMs > open.endMs) open = { startMs: open.startMs, endMs: span.endMs };
    }
  }
  if (open !== undefined && open.endMs > fromMs && open.startMs <= untilMs) yield open;
}

/** No zone is further from UTC; and when a change of clocks is near a day, it is within so much of its ends. */
const furthestMs = 15 * 3_600_000;

function takesDay({ days, isEitherDay, months, weekdays }: Cron, at: number): boolean {
  const { day, month, weekday } = civilDay(at);
  if (!months.includes(month)) return false;
  const [isDay, isWeekday] = [days.includes(day), weekdays.includes(weekday)];
  return isEitherDay ? isDay || isWeekday : isDay && isWeekday;
}

/** Every time of a day, milliseconds after midnight, in order. */
function timesOfDay({ hours, minutes, seconds }: Cron): readonly number[] {
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => ((hour * 60 + minute) * 60 + second) * 1_000)),
  );
}

/** Spans that begin at each of these moments, joined where they touch. */
function merged(starts: readonly number[], durationMs: number): readonly Span[] {
  const spans: { startMs: number; endMs: number }[] = [];
  for (const startMs of starts) {
    const last = spans.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = startMs + durationMs;
    else spans.push({ startMs, endMs: startMs + durationMs });
  }
  return spans;
}

interface Day {
  readonly zone: Zone;
  readonly times: readonly number[];
  /** The day's spans if its clocks do not change, after midnight. */
  readonly runs: readonly Span[];
  readonly durationMs: number;
}

/** Spans that begin on one local day; `localMs` is its midnight, read as UTC. */
function spansOfDay(localMs: number, { durationMs, runs, times, zone }: Day): readonly Span[] {
  const [fromMs, untilMs] = [localMs - furthestMs, localMs + dayMs + furthestMs];
  const [before, after] = [zone.offsetMs(fromMs), zone.offsetMs(untilMs)];
  if (before === after) {
    const midnightMs = localMs - before;
    return runs.map(({ startMs, endMs }) => ({ startMs: midnightMs + startMs, endMs: midnightMs + endMs }));
  }
  const changeMs = changeBetween(zone, fromMs, untilMs);
  const starts = new Set<number>();
  for (const time of times) {
    const [early, late] = [localMs + time - before, localMs + time - after];
    if (early < changeMs) starts.add(early);
    if (late >= changeMs) starts.add(late);
    if (early >= changeMs && late < changeMs) starts.add(changeMs);
  }
  return merged(
    [...starts].sort((left, right) => left - right),
    durationMs,
  );
}

/** The first moment with the later offset. Clocks change at most once in three days. */
function changeBetween(zone: Zone, fromMs: number, untilMs: number): number {
  const after = zone.offsetMs(untilMs);
  let [low, high] = [Math.floor(fromMs / 1_000), Math.floor(untilMs / 1_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetMs(middle * 1_000) === after) high = middle;
    else low = middle;
  }
  return high * 1_000;
}
