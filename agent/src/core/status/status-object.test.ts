import type { AssignmentReport } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { blocked, healthOf, planOf, report } from './status-fixture.ts';
import { statusKey, statusObjectOf } from './status-object.ts';

describe('the status of the assignment object', () => {
  const at = (wallTime: string) => ({ wallTime, generation: 3 });
  const conditions = (told: AssignmentReport) =>
    Object.fromEntries(
      statusObjectOf(told, undefined, at('t')).conditions.map((one) => [one.type, one.status]),
    );

  it('has the conditions that kstatus reads', () => {
    expect(conditions(report())).toEqual({ Ready: 'True', Reconciling: 'False', Stalled: 'False' });
    expect(conditions(report({ health: healthOf('InProgress') }))).toEqual({
      Ready: 'False',
      Reconciling: 'True',
      Stalled: 'False',
    });
    const stalled = report({ plan: planOf({ isApplied: false, blocked: [blocked(true)] }) });
    expect(conditions(stalled)).toEqual({ Ready: 'False', Reconciling: 'False', Stalled: 'True' });
  });

  it('keeps the time of a condition that did not change', () => {
    const first = statusObjectOf(report(), undefined, at('one'));
    const second = statusObjectOf(report({ health: healthOf('Failed') }), first, at('two'));
    expect(second.conditions.map((one) => one.lastTransitionTime)).toEqual(['two', 'one', 'one']);
  });

  it('is not worth a write for counts of something under way', () => {
    const moving = (healthy: number) =>
      statusObjectOf(
        {
          ...report({ health: healthOf('InProgress') }),
          counts: { total: 9, applied: 9, healthy, failing: 0, pruning: 0 },
        },
        undefined,
        at('t'),
      );
    expect(statusKey(moving(1))).toBe(statusKey(moving(2)));
    expect(statusKey(moving(1))).not.toBe(statusKey(statusObjectOf(report(), undefined, at('t'))));
  });
});
