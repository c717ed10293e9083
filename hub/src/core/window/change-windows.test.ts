import type { Cluster } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { formatLocated, type LocatedError } from '../fleet-spec/index.ts';
import { cluster } from '../placement/placement-fixture.ts';
import { type ChangeWindows, roomMistakes, type StartKind } from './change-windows.ts';
import { windowsFrom } from './window-fixture.ts';

const prod = cluster('eu-1', { env: 'prod', region: 'eu' });
const stage = cluster('eu-9', { env: 'stage' });
const night =
  '{mode: allow, clusters: {matchLabels: {env: prod}}, schedule: {cron: "0 20 * * *", duration: 4h}}';
const christmas = `{mode: deny, clusters: {matchLabels: {env: prod}}, schedule: {cron: "0 0 20 12 *", duration: 14d, tz: Europe/Paris}, exempt: [rollback, urgent]}`;

/** What is wrong with the windows of a placement's clusters. */
function mistakes(
  windows: ChangeWindows,
  clusters: readonly Cluster[],
  nowMs: number,
): readonly LocatedError[] {
  return roomMistakes(windows.withoutRoom(clusters, nowMs), clusters, 'shop');
}

/** What holds a cluster at a time, in UTC; undefined = nothing. */
function held(
  windows: ChangeWindows,
  at: string,
  one = prod,
  kind: StartKind = 'normal',
): string | undefined {
  return windows.closedFor(one, kind, Date.parse(at))?.text;
}

describe('a window that denies', () => {
  const windows = windowsFrom({ christmas });

  it('by facts holds a cluster of which nobody knows them, and lets go one that is known not to be meant', () => {
    const old = christmas.replace('matchLabels: {env: prod}', `cel: "facts.kubernetes < semver('1.29')"`);
    const byFacts = windowsFrom({ old });
    const with1 = (kubernetes: string) => ({
      isFresh: true,
      values: { agent: '', isSimulated: false, kubernetes, more: {}, nodes: 1 },
    });
    const all = [undefined, with1(''), with1('v1.28.1'), with1('v1.29.1')];
    const day = Date.parse('2026-12-24T12:00Z');
    const heldOf = (facts: Cluster['facts']) =>
      byFacts.closedFor({ ...prod, facts }, 'normal', day) !== undefined;
    expect(all.map(heldOf)).toEqual([true, true, true, false]);
  });

  it('holds its clusters while it is on, and says when it ends', () => {
    expect(held(windows, '2026-12-19T22:59:59Z')).toBeUndefined();
    expect(held(windows, '2026-12-19T23:00Z')).toBe('change window christmas, opens 2027-01-02 23:00 UTC');
    expect(held(windows, '2027-01-02T22:59Z')).toBe('change window christmas, opens 2027-01-02 23:00 UTC');
    expect(held(windows, '2027-01-02T23:00Z')).toBeUndefined();
    expect(windows.closedFor(prod, 'normal', Date.parse('2026-12-25T00:00Z'))?.opensAtMs).toBe(
      Date.parse('2027-01-02T23:00Z'),
    );
  });

  it('holds no others, and not what it exempts', () => {
    expect(held(windows, '2026-12-25T00:00Z', stage)).toBeUndefined();
    expect(held(windows, '2026-12-25T00:00Z', prod, 'urgent')).toBeUndefined();
    const strict = windowsFrom({ christmas: christmas.replace(', urgent', '') });
    expect(held(strict, '2026-12-25T00:00Z', prod, 'urgent')).toContain('christmas');
  });

  it('without a selector holds every cluster', () => {
    const all = windowsFrom({ all: '{mode: deny, schedule: {cron: "0 8 * * mon-fri", duration: 10h}}' });
    expect(held(all, '2026-11-24T09:00Z', stage)).toBe('change window all, opens 2026-11-24 18:00 UTC');
  });

  it('selects by a group', () => {
    const windows = windowsFrom({
      day: '{mode: deny, clusters: {group: production}, schedule: {cron: "0 8 * * *", duration: 10h}}',
      production:
        'kind: ClusterGroup\nmetadata: {name: production}\nspec: {clusters: {matchLabels: {env: prod}}}',
    });
    expect(held(windows, '2026-11-24T09:00Z')).toContain('day');
    expect(held(windows, '2026-11-24T09:00Z', stage)).toBeUndefined();
  });
});

describe('a window that allows', () => {
  const windows = windowsFrom({ night });

  it('holds its clusters while it is off, and says when it is on', () => {
    expect(held(windows, '2026-11-24T12:00Z')).toBe('change window night, opens 2026-11-24 20:00 UTC');
    expect(held(windows, '2026-11-24T20:00Z')).toBeUndefined();
    expect(held(windows, '2026-11-24T23:59Z')).toBeUndefined();
    expect(held(windows, '2026-11-25T00:00Z')).toBe('change window night, opens 2026-11-25 20:00 UTC');
    expect(held(windows, '2026-11-24T12:00Z', stage)).toBeUndefined();
  });

  it('is enough alone where there are several, and the next one to open is named', () => {
    const two = windowsFrom({ night, noon: night.replace('0 20', '0 12').replace('4h', '1h') });
    expect(held(two, '2026-11-24T12:30Z')).toBeUndefined();
    expect(held(two, '2026-11-24T13:00Z')).toBe('change window night, opens 2026-11-24 20:00 UTC');
    expect(held(two, '2026-11-25T01:00Z')).toBe('change window noon, opens 2026-11-25 12:00 UTC');
  });

  it('that urgent changes need not wait for leaves the others alone', () => {
    const exempt = windowsFrom({ night: night.replace(/}$/, ', exempt: [urgent]}') });
    expect(held(exempt, '2026-11-24T12:00Z', prod, 'urgent')).toBeUndefined();
  });
});

describe('windows together', () => {
  it('a denial wins, and the opening is that of all of them', () => {
    const windows = windowsFrom({ night, christmas });
    // 23:00 UTC of the day on which the freeze ends is within the night.
    expect(held(windows, '2026-12-25T21:00Z')).toBe('change window christmas, opens 2027-01-02 23:00 UTC');
    const later = windowsFrom({ night, christmas: christmas.replace('14d', '14d2h') });
    expect(held(later, '2026-12-25T21:00Z')).toBe('change window christmas, opens 2027-01-03 20:00 UTC');
  });

  it('denials that overlap or adjoin are one', () => {
    const windows = windowsFrom({
      first: '{mode: deny, schedule: {cron: "0 8 * * *", duration: 4h}}',
      second: '{mode: deny, schedule: {cron: "0 12 * * *", duration: 2h}}',
      third: '{mode: deny, schedule: {cron: "30 13 * * *", duration: 2h}}',
    });
    expect(held(windows, '2026-11-24T09:00Z')).toBe('change window first, opens 2026-11-24 15:30 UTC');
    expect(held(windows, '2026-11-24T13:45Z')).toBe('change window third, opens 2026-11-24 15:30 UTC');
  });

  it('the answer does not depend on what was asked before', () => {
    const windows = windowsFrom({ night, christmas });
    const times = ['2026-12-25T21:00Z', '2026-11-24T12:00Z', '2026-11-24T21:00Z', '2026-12-25T21:00Z'];
    for (const at of [...times, ...times.toReversed()])
      expect(held(windows, at)).toBe(held(windowsFrom({ night, christmas }), at));
  });
});

describe('windows that never open', () => {
  const weekend = '{mode: allow, schedule: {cron: "0 0 * * sat,sun", duration: 1d}}';
  const notThen = '{mode: deny, schedule: {cron: "0 0 * * sat", duration: 2d}}';

  it('hold, and the mistake says which, how long and on whom', () => {
    const windows = windowsFrom({ weekend, 'not-then': notThen });
    const nowMs = Date.parse('2026-11-24T12:00Z');
    expect(windows.closedFor(prod, 'normal', nowMs)).toEqual({
      text: 'change window weekend, which with the others leaves no room until 2031-11-28 12:00 UTC',
      opensAtMs: undefined,
    });
    expect(mistakes(windows, [prod, stage], nowMs).map(formatLocated)).toEqual([
      'fleet.yaml:1:1 CONTRADICTION ChangeWindow weekend (allow) leaves, with the other windows there, no room for a change before 2031-11-28 12:00 UTC on 2 clusters of placement shop, such as eu-1; give them a time at which one that allows is on and none that denies',
    ]);
  });

  it('are no mistake of clusters that have room', () => {
    const windows = windowsFrom({
      weekend,
      'not-then': notThen.replace('{mode', '{clusters: {names: [eu-9]}, mode'),
    });
    const nowMs = Date.parse('2026-11-24T12:00Z');
    expect(mistakes(windows, [prod], nowMs)).toEqual([]);
    expect(mistakes(windows, [prod, stage], nowMs)[0]?.text).toContain('on 1 cluster of');
  });

  it('are looked for within bounds, however often they open and close', () => {
    const windows = windowsFrom({
      odd: '{mode: allow, schedule: {cron: "1-59/2 * * * *", duration: 1m}}',
      even: '{mode: deny, schedule: {cron: "1-59/2 * * * *", duration: 90s}}',
    });
    const closed = windows.closedFor(prod, 'normal', Date.parse('2026-11-24T12:00Z'));
    expect(closed?.text).toMatch(/leaves no room until 2026-12-/);
    expect(closed?.opensAtMs).toBeUndefined();
  });
});

describe('a window that cannot be kept', () => {
  const windows = windowsFrom({
    day: '{mode: allow, clusters: {matchLabels: {env: prod}, group: prodction}, schedule: {cron: "0 8 * * *", duration: 10h}, exempt: [urgent]}',
    production:
      'kind: ClusterGroup\nmetadata: {name: production}\nspec: {clusters: {matchLabels: {env: prod}}}',
  });

  it('holds whom it may be about, urgent or not, and does not open', () => {
    const text =
      'change window day, which cannot be kept: there is no ClusterGroup "prodction"; did you mean "production"?';
    expect(held(windows, '2026-11-24T09:00Z')).toBe(text);
    expect(held(windows, '2026-11-24T09:00Z', prod, 'urgent')).toBe(text);
    expect(held(windows, '2026-11-24T09:00Z', stage)).toBeUndefined();
    expect(windows.closedFor(prod, 'normal', 0)?.opensAtMs).toBeUndefined();
  });

  it('is a mistake of its own, not one of windows that leave no room', () => {
    expect(mistakes(windows, [prod], 0)).toEqual([]);
  });
});
