import type { Row } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { type StateInput, stateOf } from './assignment-state.ts';
import { blocked, digest, healthOf, inputOf, planOf, ref, removal, row } from './status-fixture.ts';

describe('stateOf', () => {
  const waitingCheck = { kind: 'waiting', text: 'check smoke: not yet', ref: undefined } as const;
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
    ['healthy, a check awaited', { checks: waitingCheck }, 'Progressing', 'verifying', 'CheckWaiting'],
    [
      'healthy, a check awaited past the deadline',
      { checks: waitingCheck, isLate: true },
      'Degraded',
      undefined,
      'CheckFailed',
    ],
    [
      'healthy, a check failed',
      { checks: { ...waitingCheck, kind: 'failed' } },
      'Degraded',
      undefined,
      'CheckFailed',
    ],
    [
      'healthy, a check that nobody can ask',
      { checks: { ...waitingCheck, kind: 'blocked', code: 'CheckForbidden' } },
      'Stalled',
      undefined,
      'CheckForbidden',
    ],
    [
      'not healthy, whatever its checks say',
      { health: healthOf('Failed'), checks: { kind: 'hold' } },
      'Degraded',
      undefined,
      'Unhealthy',
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
