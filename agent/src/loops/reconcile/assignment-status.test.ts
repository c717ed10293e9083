import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { describe, expect, it } from 'vitest';
import { rowFor, testGit, two } from '../engine/rows-fixture.ts';
import { newMemory } from './assignment-memory.ts';
import { updateReport } from './assignment-status.ts';

type Context = Parameters<typeof updateReport>[0];

function open() {
  const row = rowFor({ git: testGit() }, { files: two });
  const memory = newMemory(row, 0);
  const told: string[] = [];
  const context: Pick<Context, 'clock' | 'reportChanged'> = {
    clock: manualClock(),
    reportChanged: (one) => void told.push(one.report?.state ?? 'nothing'),
  };
  // The report is made from the clock and the memory alone.
  return { memory, told, context: context as Context };
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
});
