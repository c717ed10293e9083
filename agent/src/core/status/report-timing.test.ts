import type { AssignmentReport, Report } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { nextReportMs } from './report-timing.ts';
import { trimReport } from './trim-report.ts';

describe('nextReportMs', () => {
  it('tells a change after a second of quiet at once, later ones together', () => {
    expect(nextReportMs({ dirtySinceMs: 5_000, lastMs: 4_000, recentChanges: 1 })).toBe(5_000);
    expect(nextReportMs({ dirtySinceMs: 4_500, lastMs: 4_000, recentChanges: 2 })).toBe(4_700);
    expect(nextReportMs({ dirtySinceMs: 4_500, lastMs: 4_000, recentChanges: 101 })).toBe(5_500);
  });

  it('reports once a minute when nothing changes', () => {
    expect(nextReportMs({ dirtySinceMs: undefined, lastMs: 1_000, recentChanges: 0 })).toBe(61_000);
  });
});

describe('trimReport', () => {
  const assignment = {
    placement: 'shop',
    state: 'Stalled',
    text: 't'.repeat(500),
    failing: [{ message: 'm'.repeat(1_000), reason: 'R' }],
    drift: { objects: 1, corrected: 0, latest: 'l'.repeat(300), fights: [] },
    heldPrune: undefined,
  } as unknown as AssignmentReport;
  const report = { assignments: [assignment], trimmed: [] } as unknown as Report;

  it('leaves a report that fits alone', () => {
    expect(trimReport(report, 10_000)).toBe(report);
  });

  it('cuts detail first, says so, and keeps every state', () => {
    expect(trimReport(report, 1_800).trimmed).toEqual(['messages of failing objects']);
    const least = trimReport(report, 10);
    expect(least.trimmed).toHaveLength(5);
    expect(least.assignments[0]).toMatchObject({ placement: 'shop', state: 'Stalled', failing: [] });
  });
});
