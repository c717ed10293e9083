import { describe, expect, it } from 'vitest';
import { type Cron, parseCron } from './cron.ts';

function cron(text: string): Cron {
  const parsed = parseCron(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('cron', () => {
  it('reads the five fields of crontab(5)', () => {
    expect(cron('0 0 20 12 *')).toMatchObject({
      seconds: [0],
      minutes: [0],
      hours: [0],
      days: [20],
      months: [12],
      weekdays: [0, 1, 2, 3, 4, 5, 6],
      isEitherDay: false,
    });
  });

  it('takes seconds before them', () => {
    expect(cron('30 0 0 20 12 *')).toMatchObject({ seconds: [30], minutes: [0], days: [20], months: [12] });
  });

  it.each([
    ['*/15 * * * *', 'minutes', [0, 15, 30, 45]],
    ['5/20 * * * *', 'minutes', [5, 25, 45]],
    ['1-5,50-59/3,7 * * * *', 'minutes', [1, 2, 3, 4, 5, 7, 50, 53, 56, 59]],
    ['0 8-10 * * *', 'hours', [8, 9, 10]],
    ['0 0 1 JAN,jul-sep *', 'months', [1, 7, 8, 9]],
    ['0 0 * * mon-FRI', 'weekdays', [1, 2, 3, 4, 5]],
    ['0 0 * * 5-7', 'weekdays', [0, 5, 6]],
    ['0 0 * * sun,7,0', 'weekdays', [0]],
  ] as const)('%s has %s %j', (text, field, expected) => {
    expect(cron(text)[field]).toEqual(expected);
  });

  it.each([
    ['0 0 13 * fri', true],
    ['0 0 13 * *', false],
    ['0 0 * * fri', false],
    ['0 0 */2 * fri', false],
  ])('%s takes a day that either field takes: %s', (text, expected) => {
    expect(cron(text).isEitherDay).toBe(expected);
  });

  it.each([
    ['', 'has 0 fields'],
    ['0 0 * *', 'has 4 fields, not the five of cron: minute, hour'],
    ['0 0 0 0 * * *', 'has 7 fields'],
    ['@daily', 'has 1 fields'],
    ['60 0 * * *', '"60" for the minute: it goes from 0 to 59'],
    ['0 24 * * *', '"24" for the hour: it goes from 0 to 23'],
    ['0 0 0 * *', '"0" for the day of month: it goes from 1 to 31'],
    ['0 0 * 13 *', '"13" for the month: it goes from 1 to 12'],
    ['0 0 * * 8', '"8" for the day of week: it goes from 0 to 7'],
    ['0 0 * * mo', '"mo" for the day of week: it is not *'],
    ['0 0 * jänner *', '"jänner" for the month: it is not *'],
    ['0 22-6 * * *', '"22-6" for the hour: the range goes backwards'],
    ['*/0 * * * *', '"*/0" for the minute: a step of 0 goes nowhere'],
    ['0 0 L * *', '"L" for the day of month: it is not *'],
    ['0 0 1,,2 * *', '"" for the day of month: it is not *'],
    ['0 0 30 2 *', 'names days that no such month has: it would never come'],
    ['0 0 31 2,4,6,9,11 *', 'it would never come'],
  ])('%s is refused', (text, expected) => {
    const parsed = parseCron(text);
    expect(parsed.ok ? '' : parsed.error).toContain(expected);
  });

  it.each(['0 0 29 2 *', '0 0 31 4-5 *', '0 0 30 2 mon'])('%s comes in some year', (text) => {
    expect(parseCron(text).ok).toBe(true);
  });
});
