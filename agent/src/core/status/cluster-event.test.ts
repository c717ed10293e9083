import { describe, expect, it } from 'vitest';
import { eventOf, eventRefOf, isWorthEvent } from './cluster-event.ts';
import type { ObjectStatus } from './status-object.ts';

const ready: ObjectStatus = {
  state: 'Ready',
  reason: '',
  message: '',
  objects: '4/4',
  commit: 'abc',
  conditions: [],
};
const stalled: ObjectStatus = {
  ...ready,
  state: 'Stalled',
  reason: 'FetchFailed',
  message: 'the server is away',
};
const ref = {
  group: 'flotilla.dev',
  version: 'v1alpha1',
  kind: 'Assignment',
  namespace: undefined,
  name: 'shop',
};
const input = (status: ObjectStatus) => ({
  status,
  about: { ref, uid: 'u1' },
  wallTime: '2026-12-01T00:00:00Z',
});

describe('an Event', () => {
  it.each<[string, ObjectStatus | undefined, ObjectStatus, boolean]>([
    ['the first state', undefined, ready, true],
    ['another state', ready, stalled, true],
    ['another reason', stalled, { ...stalled, reason: 'Conflict' }, true],
    ['another commit', ready, { ...ready, commit: 'def' }, true],
    ['the same once more', stalled, { ...stalled, message: 'other words' }, false],
    ['progress', ready, { ...ready, state: 'Progressing', reason: 'Progressing' }, false],
    [
      'progress that waits for something',
      ready,
      { ...ready, state: 'Progressing', reason: 'WaitingForRender' },
      true,
    ],
    ['removing', ready, { ...ready, state: 'Removing', reason: '' }, false],
  ])('for %s', (_what, before, status, isWorth) => {
    expect(isWorthEvent(before, status)).toBe(isWorth);
  });

  it('says why, warns of what needs a person, and is about the object of the assignment', () => {
    expect(eventOf(input(stalled), undefined)).toMatchObject({
      metadata: { namespace: 'default' },
      involvedObject: { apiVersion: 'flotilla.dev/v1alpha1', kind: 'Assignment', name: 'shop', uid: 'u1' },
      type: 'Warning',
      reason: 'FetchFailed',
      message: 'the server is away',
      count: 1,
    });
    expect(eventOf(input(ready), undefined)).toMatchObject({
      type: 'Normal',
      reason: 'Ready',
      message: '4/4 objects healthy at commit abc',
    });
  });

  it('that comes again counts on at the same place, and another reason has another', () => {
    const first = eventOf(input(stalled), undefined);
    const later = { ...input({ ...stalled, message: 'still away' }), wallTime: '2026-12-01T01:00:00Z' };
    expect(eventOf(later, first)).toMatchObject({
      metadata: { name: first.metadata.name },
      count: 2,
      firstTimestamp: '2026-12-01T00:00:00Z',
      lastTimestamp: '2026-12-01T01:00:00Z',
      message: 'still away',
    });
    expect(eventRefOf(input(ready)).name).not.toBe(first.metadata.name);
  });

  it('is bounded', () => {
    const long = { ...stalled, message: 'x'.repeat(5_000) };
    expect(eventOf(input(long), undefined)['message']).toHaveLength(1_024);
  });
});
