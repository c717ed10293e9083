import type * as wire from '@flotilla/proto/assignment';
import { describe, expect, it } from 'vitest';
import { limits } from '../base/index.ts';
import { decodeStageChecks } from './check.ts';
import { FieldCheck } from './field-check.ts';

const job: wire.StageCheck = {
  name: 'smoke',
  timeoutMs: 5_000n,
  check: { $case: 'job', value: { jobJson: '{}' } },
};

function problemsOf(...checks: readonly wire.StageCheck[]): readonly string[] {
  const check = new FieldCheck('health');
  decodeStageChecks(check, checks);
  return check.problems.map((one) => `${one.path}: ${one.text}`);
}

describe('a check that cannot be evaluated is refused, never left out', () => {
  it.each([
    ['of a kind that this program does not know', { ...job, check: undefined }, 'stage_checks[0].check'],
    ['without a name', { ...job, name: '' }, 'stage_checks[0].name'],
    ['without time', { ...job, timeoutMs: 0n }, 'stage_checks[0].timeout_ms'],
    [
      'of no object',
      { ...job, check: { $case: 'kstatus' as const, value: { object: undefined } } },
      'stage_checks[0].kstatus.object',
    ],
    [
      'with an empty Job',
      { ...job, check: { $case: 'job' as const, value: { jobJson: '' } } },
      'stage_checks[0].job.job_json',
    ],
  ])('%s', (_, check, path) => {
    expect(problemsOf(check)[0]).toContain(`health.${path}: `);
  });

  it('twice', () => {
    expect(problemsOf(job, job)).toEqual(['health.stage_checks: has two checks of one name']);
  });

  it('beside too many others', () => {
    const many = Array.from({ length: limits.stageChecksMax + 1 }, (_, index) => ({
      ...job,
      name: `c${index}`,
    }));
    expect(problemsOf(...many)[0]).toContain('at most 8 are allowed');
  });
});
