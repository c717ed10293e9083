import type { ClusterCheck } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckAnswer } from './check-answer.ts';
import { checkPauseMs } from './check-answer.ts';
import { smoke } from './checks-fixture.ts';
import { judgeChecks } from './judge-checks.ts';

const named = (name: string, timeoutMs = 1_000): ClusterCheck => ({ ...smoke, name, timeoutMs });
const holds: CheckAnswer = { kind: 'holds' };
const waiting: CheckAnswer = { kind: 'waiting', text: 'not yet', ref: undefined };
const failed: CheckAnswer = { kind: 'failed', text: 'no', ref: undefined };
const blocked: CheckAnswer = { kind: 'blocked', code: 'CheckForbidden', text: 'may not', ref: undefined };

function judged(answers: readonly CheckAnswer[], before: ReadonlyMap<string, number> = new Map(), nowMs = 0) {
  return judgeChecks(
    answers.map((answer, index) => ({ check: named(`c${index}`), answer })),
    before,
    nowMs,
  );
}

describe('the checks of a row', () => {
  it.each([
    ['hold when there are none', [], { kind: 'hold' }],
    ['hold when all do', [holds, holds], { kind: 'hold' }],
    ['wait for the first that does not', [holds, waiting], { kind: 'waiting', text: 'check c1: not yet' }],
    [
      'fail with the first that failed, and count the others',
      [waiting, failed, waiting],
      { kind: 'failed', text: 'check c1: no (and 2 more)' },
    ],
    [
      'name first what a person has to change',
      [failed, blocked],
      { kind: 'blocked', code: 'CheckForbidden', text: 'check c1: may not (and 1 more)' },
    ],
  ])('%s', (_name, answers, verdict) => {
    expect(judged(answers as readonly CheckAnswer[]).verdict).toMatchObject(verdict);
  });

  it('that do not hold fail at their timeout, counted from when they stopped holding', () => {
    const first = judged([waiting], new Map(), 5);
    expect(first).toMatchObject({ wakeAtMs: 1_005, verdict: { kind: 'waiting' } });
    expect(judged([waiting], first.waitingSinceMs, 1_004).verdict.kind).toBe('waiting');
    const late = judged([waiting], first.waitingSinceMs, 1_005);
    expect(late.verdict).toMatchObject({
      kind: 'failed',
      text: 'check c0 did not pass within 1s: not yet',
    });
    expect(late.wakeAtMs).toBeUndefined();
    const recovered = judged([holds], late.waitingSinceMs, 2_000);
    expect(recovered.verdict.kind).toBe('hold');
    expect(judged([waiting], recovered.waitingSinceMs, 9_000)).toMatchObject({
      verdict: { kind: 'waiting' },
      wakeAtMs: 10_000,
    });
  });

  it('hold together only when every one of them holds, whatever was before', () => {
    const answer = fc.constantFrom(holds, waiting, failed, blocked);
    fc.assert(
      fc.property(
        fc.array(answer, { maxLength: 8 }),
        fc.dictionary(fc.constantFrom('c0', 'c1', 'c2'), fc.nat(3_000)),
        fc.nat(3_000),
        (answers, before, nowMs) => {
          const { verdict } = judged(answers, new Map(Object.entries(before)), nowMs);
          expect(verdict.kind === 'hold').toBe(answers.every((one) => one.kind === 'holds'));
        },
      ),
    );
  });
});

describe('the pause between two questions', () => {
  it('grows with the time that the answer has been the same, within bounds', () => {
    expect([0, 50_000, 10_000_000].map((ms) => checkPauseMs(false, ms))).toEqual([1_000, 5_000, 30_000]);
    expect([0, 200_000, 10_000_000].map((ms) => checkPauseMs(true, ms))).toEqual([10_000, 20_000, 60_000]);
  });

  it('is short while the object cannot be read, however long it held: what it was is believed for 45 s only', () => {
    expect([0, 20_000, 45_000].map((ms) => checkPauseMs(true, 10_000_000, ms))).toEqual([
      1_000, 2_000, 4_500,
    ]);
  });
});
