import { describe, expect, it } from 'vitest';
import { judgeRun, namedAfter, type SeenTest, whyNoJudge } from './judge-run.ts';

const passed: SeenTest = { name: 'I1: one', failure: undefined };
const failed: SeenTest = {
  name: 'I1: two',
  failure: { name: 'AssertionError', message: 'expected 1 to be 2' },
};
const blundered: SeenTest = { name: 'I1: three', failure: { name: 'TypeError', message: 'x is undefined' } };
const run = (...tests: readonly SeenTest[]) => ({ tests, troubles: [] });

describe('judgeRun', () => {
  it('says who killed a mutant', () => {
    expect(judgeRun(run(passed, blundered, failed))).toEqual({ kind: 'killed', by: 'I1: two' });
  });

  it('calls it a survivor when every test passes', () => {
    expect(judgeRun(run(passed))).toEqual({ kind: 'survived' });
  });

  it.each([
    ['without a test', run(), /no test of the invariant ran/],
    ['that only blunders', run(passed, blundered), /fails by TypeError.*x is undefined/],
    ['of a file that did not load', { tests: [failed], troubles: ['PARSE_ERROR'] }, /PARSE_ERROR/],
  ])('believes nothing of a run %s', (_what, seen, why) => {
    const verdict = judgeRun(seen);
    expect(verdict.kind === 'invalid' ? verdict.why : verdict.kind).toMatch(why);
  });
});

describe('whyNoJudge', () => {
  it('takes a file whose tests pass, and no other', () => {
    expect(whyNoJudge(run(passed))).toBeUndefined();
    expect(whyNoJudge(run(passed, failed))).toBe('"I1: two" fails without a mutant');
    expect(whyNoJudge(run())).toBe('no test of the invariant ran');
  });
});

describe('namedAfter', () => {
  it('matches the name at the beginning of a test or of its group, and no longer number', () => {
    const one = namedAfter('I1');
    expect(['I1: waves', 'a fleet I1: waves', 'I1: a fleet opens'].every((name) => one.test(name))).toBe(
      true,
    );
    expect(['I11: waves', 'a fleet xI1: waves', 'waves (I1)'].some((name) => one.test(name))).toBe(false);
  });
});
