import { err, ok, type Result } from '@flotilla/shared/base';

/** Times that repeat, as crontab(5) writes them; every list is sorted and not empty. Plain data. */
export interface Cron {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 31. */
  readonly days: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 = Sunday to 6. */
  readonly weekdays: readonly number[];
  /**
   * Both day fields are restricted, so that a day which one of them takes is taken; else both must take it. A field that
   * begins with `*` is not restricted, as in crontab(5).
   */
  readonly isEitherDay: boolean;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of values, the first one that of `min`. */
  readonly names?: readonly string[];
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minute: Field = { name: 'minute', min: 0, max: 59 };
const second: Field = { name: 'second', min: 0, max: 59 };
const hour: Field = { name: 'hour', min: 0, max: 23 };
const day: Field = { name: 'day of month', min: 1, max: 31 };
const month: Field = { name: 'month', min: 1, max: 12, names: monthNames };
/** 7 is Sunday, too. */
const weekday: Field = { name: 'day of week', min: 0, max: 7, names: dayNames };
/** Most days that each month can have, from January. */
const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads five fields (minute, hour, day of month, month, day of week), or six with seconds before them. Each is a list of
 * values, ranges and steps; months and days of the week have names. The error completes "NAME …", and speaks too of times
 * that never come, such as the 30th of February.
 */
export function parseCron(text: string): Result<Cron, string> {
  const parts = text.trim().split(/\s+/);
  const [seconds = '0', ...five] = parts.length === 6 ? parts : ['0', ...parts];
  if (five.length !== 5) {
    const rule = 'minute, hour, day of month, month and day of week, with seconds before them or not';
    return err(`has ${text.trim() === '' ? 0 : parts.length} fields, not the five of cron: ${rule}`);
  }
  const texts = [seconds, ...five];
  const fields = [second, minute, hour, day, month, weekday];
  const values: (readonly number[])[] = [];
  for (const [index, field] of fields.entries()) {
    const read = readField(texts[index] ?? '', field);
    if (!read.ok) return read;
    values.push(read.value);
  }
  const [s = [], m = [], h = [], days = [], months = [], weekdays = []] = values;
  const isEitherDay = ![texts[3], texts[5]].some((one) => one?.startsWith('*'));
  const cron = { seconds: s, minutes: m, hours: h, days, months, weekdays, isEitherDay };
  return canCome(cron) ? ok(cron) : err('names days that no such month has: it would never come');
}

/** Whether any year has such a day. Days of the week come in every month. */
function canCome({ days, isEitherDay, months }: Cron): boolean {
  const first = days[0] ?? 1;
  return isEitherDay || months.some((one) => first <= (longest[one - 1] ?? 31));
}

function readField(text: string, field: Field): Result<readonly number[], string> {
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const read = readItem(item, field);
    if (!read.ok) return read;
    for (const value of read.value) found.add(field === weekday ? value % 7 : value);
  }
  return ok([...found].sort((left, right) => left - right));
}

/** `*`, a value, a range, each with a step or without. */
function readItem(item: string, field: Field): Result<readonly number[], string> {
  const shape = /^(?:(\*)|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:\/([0-9]{1,2}))?$/i.exec(item);
  const bad = (why: string) => err(`has ${JSON.stringify(item.slice(0, 40))} for the ${field.name}: ${why}`);
  if (shape === null)
    return bad('it is not *, a value, a range such as 1-5, or one of them with a step such as */15');
  const [, star, from = '', to, step] = shape;
  const first = star === undefined ? numberOf(from, field) : field.min;
  // A step without a range goes on to the end: 5/15 is 5-59/15.
  const alone = star === undefined && step === undefined ? first : field.max;
  const last = to === undefined ? alone : numberOf(to, field);
  if (first === undefined || last === undefined) return bad(`it goes from ${field.min} to ${field.max}`);
  if (first > last) return bad('the range goes backwards');
  const by = step === undefined ? 1 : Number(step);
  if (by === 0) return bad('a step of 0 goes nowhere');
  const values: number[] = [];
  for (let value = first; value <= last; value += by) values.push(value);
  return ok(values);
}

function numberOf(text: string, { max, min, names }: Field): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return min + named;
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
