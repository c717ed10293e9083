import { describe, expect, it } from 'vitest';
import { countOne, countVitest, sumCounts } from './counts.ts';

interface FileOf {
  readonly status?: string;
  readonly message?: string;
  readonly tests: readonly string[];
}

function report(...files: readonly FileOf[]): string {
  const statuses = files.flatMap(({ tests }) => tests);
  return JSON.stringify({
    numPassedTests: statuses.filter((status) => status === 'passed').length,
    numFailedTests: statuses.filter((status) => status === 'failed').length,
    testResults: files.map(({ status = 'passed', message = '', tests }, index) => ({
      name: `file-${index}.test.ts`,
      status,
      message,
      assertionResults: tests.map((one, place) => ({ status: one, fullName: `test ${place}` })),
    })),
  });
}

describe('countVitest', () => {
  it('counts what passed and what failed', () => {
    expect(countVitest(report({ tests: ['passed', 'passed'] }), 0)).toEqual({
      passed: 2,
      failed: 0,
      notes: [],
    });
    const mixed = report({ status: 'failed', tests: ['passed', 'failed'] });
    expect(countVitest(mixed, 1)).toEqual({ passed: 1, failed: 1, notes: [] });
  });

  it('counts a file that could not be loaded as one failure', () => {
    const text = report(
      { tests: ['passed'] },
      { status: 'failed', message: 'Cannot find x\nat y', tests: [] },
    );
    expect(countVitest(text, 1)).toEqual({
      passed: 1,
      failed: 1,
      notes: ['file-1.test.ts failed as a whole: Cannot find x'],
    });
  });

  it('counts each test that did not run as one failure, even when vitest is content', () => {
    const counts = countVitest(report({ tests: ['passed', 'skipped', 'todo', 'pending'] }), 0);
    expect(counts).toMatchObject({ passed: 1, failed: 3 });
    expect(counts.notes[0]).toContain('"test 1" did not run (skipped)');
  });

  it.each([
    ['an unhandled error after the last test', report({ tests: ['passed'] }), 1, 'although no test failed'],
    ['a crash before the report', undefined, 134, 'ended with code 134 before it could count'],
    ['half a report', '{"numPassed', 1, 'before it could count'],
    ['a run without tests', report(), 0, 'there is no test to run'],
  ])('counts %s as one failure', (_what, text, code, note) => {
    const counts = countVitest(text, code);
    expect(counts.failed).toBe(1);
    expect(counts.notes[0]).toContain(note);
  });
});

it('sums stages', () => {
  const all = [countOne(undefined), countOne('it broke'), { passed: 40, failed: 2, notes: [] }];
  expect(sumCounts(all)).toEqual({ passed: 41, failed: 3, notes: ['it broke'] });
});
