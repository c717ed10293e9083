import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cluster } from '../placement/placement-fixture.ts';
import { scheduleOf, spansOf } from '../schedule/index.ts';
import type { ChangeWindows } from './change-windows.ts';
import { windowsFrom } from './window-fixture.ts';

const names = ['eu-1', 'eu-2', 'us-1'];
const clusters = names.map((name) => cluster(name, { region: name.slice(0, 2) }));
const zones = ['UTC', 'Europe/Paris', 'America/New_York', 'Australia/Lord_Howe'];

const window = fc.record({
  mode: fc.constantFrom('allow', 'deny'),
  clusters: fc.constantFrom('', ', clusters: {names: [eu-1]}', ', clusters: {matchLabels: {region: eu}}'),
  cron: fc.constantFrom(
    '0 * * * *',
    '30 2 * * *',
    '0 0 * * sat',
    '*/45 1-5 * * *',
    '0 0 1 * *',
    '0 22 * * mon-fri',
  ),
  minutes: fc.constantFrom(1, 30, 60, 300, 2_000, 20_000),
  zone: fc.constantFrom(...zones),
  exempt: fc.constantFrom('', ', exempt: [urgent]'),
});
const some = fc.array(window, { minLength: 1, maxLength: 4 });
/** Around changes of clocks, too. */
const moment = fc
  .tuple(
    fc.constantFrom('2026-03-28', '2026-10-24', '2026-11-01', '2026-04-04', '2027-01-01'),
    fc.nat(200_000),
  )
  .map(([day, seconds]) => Date.parse(`${day}T00:00Z`) + seconds * 1_000);

type Windows = readonly (typeof window extends fc.Arbitrary<infer One> ? One : never)[];

function windowsOf(windows: Windows): ChangeWindows {
  return windowsFrom(
    Object.fromEntries(
      windows.map(({ clusters: about, cron, exempt, minutes, mode, zone }, index) => [
        `w${index}`,
        `{mode: ${mode}${about}${exempt}, schedule: {cron: "${cron}", duration: ${minutes}m, tz: ${zone}}}`,
      ]),
    ),
  );
}

/** The rules once more, for one moment. */
function mayBegin({ rules }: ChangeWindows, name: string, isUrgent: boolean, atMs: number): boolean {
  const about = rules.filter(({ exempt, selector }) => {
    const isSelected =
      selector === undefined ||
      selector.names.includes(name as never) ||
      selector.matchLabels['region'] === name.slice(0, 2);
    return isSelected && !(isUrgent && exempt.includes('urgent'));
  });
  const isOn = (rule: (typeof rules)[number]): boolean => {
    const read = scheduleOf(rule.schedule);
    if (!read.ok) throw new Error(read.error);
    const [span] = spansOf(read.value, atMs, atMs);
    return span !== undefined && span.startMs <= atMs;
  };
  const allows = about.filter(({ mode }) => mode === 'allow');
  return !about.some((one) => one.mode === 'deny' && isOn(one)) && (allows.length === 0 || allows.some(isOn));
}

function readable(windows: Windows): ChangeWindows | undefined {
  try {
    return windowsOf(windows);
  } catch {
    // A denial without an end is refused where it is written.
    return undefined;
  }
}

describe('I10: whatever the windows', () => {
  it('a cluster is held exactly while one that denies it is on, or none of those that allow it is', () => {
    fc.assert(
      fc.property(
        some,
        fc.array(moment, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (made, moments, isUrgent) => {
          const windows = readable(made);
          fc.pre(windows !== undefined);
          for (const atMs of moments) {
            for (const one of clusters) {
              const closed = windows.closedFor(one, isUrgent ? 'urgent' : 'normal', atMs);
              expect(closed === undefined).toBe(mayBegin(windows, one.name, isUrgent, atMs));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('it opens when it said that it would, and not a minute before', () => {
    fc.assert(
      fc.property(some, moment, fc.constantFrom(...clusters), (made, atMs, one) => {
        const windows = readable(made);
        fc.pre(windows !== undefined);
        const opensAtMs = windows.closedFor(one, 'normal', atMs)?.opensAtMs;
        fc.pre(opensAtMs !== undefined);
        expect(opensAtMs).toBeGreaterThan(atMs);
        expect(mayBegin(windows, one.name, false, opensAtMs)).toBe(true);
        const step = Math.max(60_000, (opensAtMs - atMs) / 50);
        for (let before = opensAtMs - 1; before >= atMs; before -= step)
          expect(mayBegin(windows, one.name, false, before)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});
