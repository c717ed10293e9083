import { err, ok, type Result } from '@flotilla/shared/base';

/** A time zone of the IANA database, as this program's runtime knows it. */
export interface Zone {
  readonly name: string;
  /** What has to be added to UTC for the zone's clocks at a moment, milliseconds. */
  offsetMs(atMs: number): number;
}

/** The zone of a name such as `Europe/Paris`; the error completes "NAME …". */
export function zoneOf(name: string): Result<Zone, string> {
  if (isUtc(name)) return ok({ name, offsetMs: () => 0 });
  // Offsets such as +01:00 know no summer time: who writes one means a zone.
  const clock = /^[A-Za-z][-+_/A-Za-z0-9]*$/.test(name) ? clockOf(name) : undefined;
  if (clock === undefined) {
    return err(
      `${JSON.stringify(name.slice(0, 60))} is not a time zone such as Europe/Paris, Asia/Kolkata or UTC`,
    );
  }
  return ok({ name, offsetMs: (atMs) => offsetOf(clock, atMs) });
}

function isUtc(name: string): boolean {
  return ['UTC', 'Etc/UTC', 'GMT', 'Z'].includes(name);
}

function clockOf(name: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}

/** What the zone's clocks show, read as UTC, less the moment itself. */
function offsetOf(clock: Intl.DateTimeFormat, atMs: number): number {
  const moment = Math.floor(atMs / 1_000) * 1_000;
  // "11/24/2026, 20:00:00"
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = (
    clock.format(moment).match(/[0-9]+/g) ?? []
  ).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) - moment;
}
