import { parseCron } from './cron.ts';
import type { Schedule, Span } from './spans.ts';
import { type Zone, zoneOf } from './zone.ts';

/** Milliseconds of an hour. */
export const hourMs = 3_600_000;

/** A zone that there is. */
export function zone(name: string): Zone {
  const found = zoneOf(name);
  if (!found.ok) throw new Error(found.error);
  return found.value;
}

/** A schedule without mistakes. */
export function schedule(cron: string, durationMs: number, name = 'UTC'): Schedule {
  const parsed = parseCron(cron);
  if (!parsed.ok) throw new Error(parsed.error);
  return { cron: parsed.value, durationMs, zone: zone(name) };
}

/** A span as `from..until`, in UTC, to the minute. */
export function spanText({ endMs, startMs }: Span): string {
  return `${minuteText(startMs)}..${minuteText(endMs)}`;
}

function minuteText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}
