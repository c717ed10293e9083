import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { describe, expect, it } from 'vitest';
import { rowFor, testGit, two } from '../engine/rows-fixture.ts';
import { newMemory } from './assignment-memory.ts';
import { nextReportAtMs, updateReport } from './assignment-status.ts';

type Context = Parameters<typeof updateReport>[0];

function open(deadlineMs?: number) {
  const row = rowFor({ git: testGit() }, { files: two, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
  const memory = newMemory(row, 0);
  const told: string[] = [];
  const clock = manualClock();
  const context: Pick<Context, 'clock' | 'reportChanged'> = {
    clock,
    reportChanged: (one) => void told.push(one.report?.state ?? 'nothing'),
  };
  // The report is made from the clock and the memory alone.
  return { memory, told, clock, context: context as Context };
}

describe('the report on an assignment', () => {
  it('is told when it says something new', () => {
    const { memory, told, context } = open();
    updateReport(context, memory);
    updateReport(context, memory);
    expect(told).toEqual(['Progressing']);
  });

  it('does not stay what it was when it cannot be made', () => {
    const { memory, context } = open();
    updateReport(context, memory);
    Object.defineProperty(memory, 'drift', {
      get: () => {
        throw new Error('a rule of ours is broken');
      },
    });
    expect(() => updateReport(context, memory)).toThrow('a rule of ours is broken');
    expect(memory.report).toBeUndefined();
  });

  it('becomes Degraded for what flaps, after as long as the deadline allows in all', async () => {
    const { memory, told, clock, context } = open(60_000);
    const health = { verdicts: [], healthy: 0, deadlinePassed: false, wakeAtMs: undefined };
    memory.plan = {
      ...{ steps: [], blocked: [], settled: true, isApplied: true, appliedObjects: 2, pruning: 0 },
      ...{ drifted: [], heldPrune: undefined, recheckAfterMs: undefined },
    };
    for (let round = 0; round < 4; round += 1) {
      memory.health = { ...health, status: 'InProgress' };
      updateReport(context, memory);
      await clock.advance(19_000);
      updateReport(context, memory);
      memory.health = { ...health, status: 'Current' };
      updateReport(context, memory);
      await clock.advance(1_000);
    }
    expect(told).toEqual([
      ...['Progressing', 'Ready', 'Progressing', 'Ready', 'Progressing', 'Ready'],
      ...['Progressing', 'Degraded', 'Ready'],
    ]);
    memory.health = { ...health, status: 'InProgress' };
    updateReport(context, memory);
    // The deadline has passed already, and the report just made does not know: the next look is at once.
    expect(nextReportAtMs(memory, clock.nowMs())).toBeLessThanOrEqual(clock.nowMs());
    updateReport(context, memory);
    expect(told.slice(-2)).toEqual(['Progressing', 'Degraded']);
    expect(nextReportAtMs(memory, clock.nowMs())).toBeUndefined();
  });
});
