import { describe, expect, it } from 'vitest';
import type { ChangeWindowSpec } from './model.ts';
import { complaints, head, parse } from './spec-fixture.ts';

function text(spec: string): string {
  return `${head}kind: ChangeWindow\nmetadata: {name: christmas}\nspec:\n  ${spec.replaceAll('; ', '\n  ')}\n`;
}

function windowIn(spec: string): ChangeWindowSpec {
  const [document] = parse(text(spec)).documents;
  if (document?.kind !== 'ChangeWindow') throw new Error(complaints(text(spec)).join('\n'));
  return document.spec;
}

describe('a change window', () => {
  it('is read whole', () => {
    const spec =
      'mode: deny; clusters: {matchLabels: {env: prod}}; schedule: {cron: "0 0 20 12 *", duration: 14d, tz: Europe/Paris}; exempt: [rollback, urgent]';
    expect(windowIn(spec)).toMatchObject({
      name: 'christmas',
      mode: 'deny',
      clusters: { matchLabels: { env: 'prod' } },
      schedule: {
        cron: { minutes: [0], hours: [0], days: [20], months: [12] },
        durationMs: 14 * 86_400_000,
        timeZone: 'Europe/Paris',
      },
      exempt: ['rollback', 'urgent'],
      unsupported: [],
    });
  });

  it('is in UTC, for every cluster and without exemption, unless it says otherwise', () => {
    expect(windowIn('mode: allow; schedule: {cron: "0 20 * * mon-fri", duration: 4h}')).toMatchObject({
      clusters: undefined,
      schedule: { timeZone: 'UTC' },
      exempt: [],
    });
  });

  it.each([
    [
      'mode: deny; schedule: {cron: "0 25 * * *", duration: 1h}',
      'a.yaml:6:20 BAD_VALUE spec.schedule.cron: "0 25 * * *" has "25" for the hour: it goes from 0 to 23',
    ],
    [
      'mode: deny; schedule: {cron: "0 0 30 2 *", duration: 1h}',
      'a.yaml:6:20 BAD_VALUE spec.schedule.cron: "0 0 30 2 *" names days that no such month has: it would never come',
    ],
    [
      'mode: deny; schedule: {cron: "0 0 * * *", duration: 1h, tz: Europe/Pari}',
      'a.yaml:6:51 BAD_VALUE spec.schedule.tz: "Europe/Pari" is not a time zone such as Europe/Paris, Asia/Kolkata or UTC',
    ],
    [
      'mode: allow; schedule: {cron: "0 0 * * *", duration: 30s}',
      'a.yaml:6:43 CONTRADICTION spec.schedule.duration is shorter than a minute',
    ],
    [
      'mode: deny; schedule: {cron: "0 0 * * *", duration: 24h}',
      'a.yaml:6:13 CONTRADICTION spec.schedule is on without an end, so no change could ever begin; to stop changes for now, say hold in a placement or pause its rollout',
    ],
    [
      'mode: deny; schedule: {cron: "* * * * *", duration: 1m, tz: Australia/Lord_Howe}',
      'a.yaml:6:13 CONTRADICTION spec.schedule is on without an end',
    ],
    [
      'mode: deny; clusters: {}; schedule: {cron: "0 0 * * *", duration: 1h}',
      'a.yaml:6:13 CONTRADICTION spec.clusters selects by nothing',
    ],
    [
      'mode: deny; schedule: {cron: "0 0 * * *", duration: 1h}; exempt: [urgent, urgent]',
      'a.yaml:7:20 DUPLICATE_NAME spec.exempt[1] is named twice',
    ],
    [
      'mode: freeze; schedule: {cron: "0 0 * * *", duration: 1h}',
      'a.yaml:5:9 BAD_VALUE spec.mode must be one of allow, deny, found "freeze"',
    ],
    ['mode: deny', 'a.yaml:5:3 MISSING_FIELD spec.schedule is required'],
  ])('%s: %s', (spec, expected) => {
    const found = complaints(text(spec));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('that allows without an end is no mistake', () => {
    expect(complaints(text('mode: allow; schedule: {cron: "* * * * *", duration: 1h}'))).toEqual([]);
  });
});
