/** Milliseconds of a day without a change of clocks. */
export const dayMs = 86_400_000;

/** A day of the calendar that is in use everywhere. */
export interface CivilDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** 0 = Sunday. */
  readonly weekday: number;
}

/** The calendar day that is so many days after 1970-01-01. Eras of 400 years repeat, so a day's place in its era is enough. */
export function civilDay(days: number): CivilDay {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  // Years begin in March, so that the leap day is their last.
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
  };
}

/** `2026-11-24 20:00 UTC`, for people; seconds are left out. */
export function utcText(ms: number): string {
  const days = Math.floor(ms / dayMs);
  const { year, month, day } = civilDay(days);
  const minutes = Math.floor((ms - days * dayMs) / 60_000);
  const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${year}-${two(month)}-${two(day)} ${time} UTC`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
