import type { Digest, GitId, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { AssignmentReport, AssignmentRow, RemovalRow, Row } from '@flotilla/shared/model';
import { noDrift, noTimings } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import type { Health } from '../health/index.ts';
import type { Blocked, Plan } from '../plan/index.ts';
import { reportOf } from './assignment-report.ts';
import { type StateInput, stateOf } from './assignment-state.ts';
import { statusKey, statusObjectOf } from './status-object.ts';

const digest = 'd'.repeat(64) as Digest;
const commit = 'c'.repeat(40) as GitId;
const common = {
  placement: 'shop' as PlacementName,
  version: { epoch: 1, seq: 7 },
  proof: { eventHash: digest, mac: digest },
  cause: { kind: 'commit', commit },
} as const;
const row: AssignmentRow = {
  ...common,
  kind: 'assignment',
  mode: 'update',
  rollout: 'shop-1' as RolloutId,
  suspension: undefined,
  permittedPrune: undefined,
  credential: undefined,
  variant: { digest } as AssignmentRow['variant'],
};
const removal: RemovalRow = { ...common, kind: 'removal', mode: 'prune' };
const ref = { group: '', version: 'v1', kind: 'Secret', namespace: 'shop', name: 'key' };

const planOf = (change: Partial<Plan> = {}): Plan => ({
  steps: [],
  blocked: [],
  settled: true,
  isApplied: true,
  appliedObjects: 1,
  pruning: 0,
  drifted: [],
  heldPrune: undefined,
  recheckAfterMs: undefined,
  ...change,
});
const healthOf = (status: Health['status'], reason = 'LessReady'): Health => ({
  status,
  verdicts: [
    {
      ref,
      verdict: {
        status: status === 'Unknown' ? 'InProgress' : status,
        reason,
        message: 'ready: 0/1',
      },
    },
  ],
  healthy: status === 'Current' ? 1 : 0,
  deadlinePassed: false,
  wakeAtMs: undefined,
});
const blocked = (isFinal: boolean): Blocked => ({
  code: 'ApplyForbidden',
  text: 'may not',
  subject: 'x',
  isFinal,
  ref,
});
const inputOf = (change: Partial<StateInput> = {}): StateInput => ({
  row,
  phase: 'queued',
  trouble: undefined,
  plan: planOf(),
  health: healthOf('Current'),
  isLate: false,
  deadlineMs: 600_000,
  ...change,
});

describe('stateOf', () => {
  const suspended: Row = { ...row, suspension: { reason: 'incident' } };
  it.each([
    ['everything applied, settled and healthy', {}, 'Ready', undefined, ''],
    [
      'suspended, whatever else',
      { row: suspended, trouble: { code: 'X', text: '', isFinal: true } },
      'Suspended',
      undefined,
      'Suspended',
    ],
    [
      'render errors',
      { trouble: { code: 'RenderFailed', text: 'a.yaml:1: bad', isFinal: true } },
      'Stalled',
      undefined,
      'RenderFailed',
    ],
    [
      'Git away',
      { phase: 'fetching', trouble: { code: 'FetchFailed', text: '', isFinal: false } },
      'Progressing',
      'fetching',
      'FetchFailed',
    ],
    [
      'Git away past the deadline',
      { trouble: { code: 'FetchFailed', text: '', isFinal: false }, isLate: true },
      'Stalled',
      undefined,
      'FetchFailed',
    ],
    ['not planned yet', { plan: undefined }, 'Progressing', 'queued', 'Progressing'],
    [
      'a refused object',
      { plan: planOf({ isApplied: false, blocked: [blocked(false), blocked(true)] }) },
      'Stalled',
      undefined,
      'ApplyForbidden',
    ],
    [
      'a held prune',
      { plan: planOf({ heldPrune: { listHash: digest, refs: [ref], reason: 'too many' } }) },
      'Stalled',
      undefined,
      'PruneHeld',
    ],
    [
      'waiting for something',
      { plan: planOf({ isApplied: false, settled: false, blocked: [blocked(false)] }) },
      'Progressing',
      'applying',
      'ApplyForbidden',
    ],
    [
      'waiting past the deadline',
      { plan: planOf({ isApplied: false, settled: false }), isLate: true },
      'Stalled',
      undefined,
      'DeadlinePassed',
    ],
    ['applied and failed', { health: healthOf('Failed') }, 'Degraded', undefined, 'Unhealthy'],
    ['applied and on its way', { health: healthOf('InProgress') }, 'Progressing', 'verifying', 'LessReady'],
    [
      'applied and not healthy past the deadline',
      { health: healthOf('InProgress'), isLate: true },
      'Degraded',
      undefined,
      'LessReady',
    ],
    ['applied and not known', { health: healthOf('Unknown') }, 'Progressing', 'verifying', 'LessReady'],
    [
      'healthy but still pruning',
      { plan: planOf({ settled: false }) },
      'Progressing',
      'pruning',
      'Progressing',
    ],
    ['a removal under way', { row: removal, plan: planOf({ settled: false }) }, 'Removing', 'pruning', ''],
    [
      'a removal that is held',
      {
        row: removal,
        plan: planOf({ settled: false, heldPrune: { listHash: digest, refs: [ref], reason: 'too many' } }),
      },
      'Removing',
      'pruning',
      'PruneHeld',
    ],
    ['a finished removal', { row: removal }, 'Removed', undefined, ''],
  ] as const)('%s', (...given) => {
    const [, change, state, phase, reason] = given;
    expect(stateOf(inputOf(change as Partial<StateInput>))).toMatchObject({ state, phase, reason });
  });

  it('is never Ready without health', () => {
    expect(stateOf(inputOf({ health: undefined })).state).toBe('Progressing');
  });
});

function report(
  change: { verdict?: Partial<StateInput>; plan?: Plan; health?: Health } = {},
): AssignmentReport {
  const plan = change.plan ?? planOf();
  const health = change.health ?? healthOf('Current');
  return reportOf({
    row,
    verdict: stateOf(inputOf({ plan, health, ...change.verdict })),
    total: 1,
    plan,
    health,
    healthyForMs: 1_234.5,
    deadlinePassed: false,
    drift: noDrift,
    timings: noTimings,
    applied: { commit, variantDigest: digest },
  });
}

describe('reportOf', () => {
  it('tells how long it has been healthy only while Ready', () => {
    expect(report()).toMatchObject({ state: 'Ready', healthyForMs: 1_234, appliedCommit: commit });
    expect(report({ health: healthOf('InProgress') })).toMatchObject({ healthyForMs: 0 });
  });

  it('groups failing objects by fingerprint and hides what is said about Secrets', () => {
    const refused = {
      ...blocked(true),
      text: 'apply Secret shop/key: data.password: Invalid value: "hunter2-hunter2-hunter2"',
    };
    const told = report({ plan: planOf({ isApplied: false, blocked: [refused] }) });
    expect(told.failing[0]).toMatchObject({
      reason: 'ApplyForbidden',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(JSON.stringify(told.failing)).not.toContain('hunter2');
    expect(told.counts.failing).toBe(1);
  });

  it('lists a held prune by text', () => {
    const held = report({
      plan: planOf({ heldPrune: { listHash: digest, refs: [ref], reason: 'too many' } }),
    });
    expect(held.heldPrune).toEqual({
      listHash: digest,
      objects: ['Secret shop/key'],
      total: 1,
      reason: 'too many',
    });
  });
});

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
