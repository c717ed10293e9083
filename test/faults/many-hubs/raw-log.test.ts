import { describe, expect, test } from 'vitest';
import { judgeLog, type RawEvent } from './raw-log.ts';

/** A log as the server would have it: sequences from 1, each subject's expectation right unless said. */
function logOf(events: readonly (Partial<RawEvent> & Pick<RawEvent, 'payload'>)[]): readonly RawEvent[] {
  const last = new Map<string, number>();
  return events.map((event, index) => {
    const subject = event.payload.kind === 'budget-changed' ? 'budget' : 'p.shop';
    const seq = index + 1;
    const expectedSeq = last.get(subject) ?? 0;
    last.set(subject, seq);
    return { seq, subject, id: `id-${seq}`, expectedSeq, actor: { process: 'a' }, ...event };
  });
}

const opened = (wave: number, clusters: readonly string[] = ['c1']) => ({
  payload: { kind: 'wave-opened', rollout: 'shop-1', wave, clusters },
});
const passed = (wave: number) => ({ payload: { kind: 'wave-passed', rollout: 'shop-1', wave } });
const takes = (clusters: readonly string[], frees: readonly string[] = []) => ({
  payload: {
    kind: 'budget-changed',
    takes: { rollout: 'shop-1', clusters },
    frees: [{ rollout: 'shop-1', clusters: frees }],
  },
});
const good = [
  opened(0),
  takes(['c1']),
  passed(0),
  opened(1, ['c2', 'c3']),
  takes(['c2', 'c3'], ['c1']),
  passed(1),
];

describe('what the raw log shows', () => {
  test('is nothing to complain of in a good one', () => {
    expect(judgeLog(logOf(good), 2)).toMatchObject({
      broken: [],
      waves: 2,
      changingMost: 2,
      deciders: 1,
      events: 6,
    });
  });

  test.each([
    ['a wave that opens twice', [opened(0), takes(['c1']), opened(0), takes([])], 'opens after wave 0'],
    [
      'a wave that opens before the last one passed',
      [opened(0), takes(['c1']), opened(1), takes([])],
      'before wave 0 passed',
    ],
    ['a wave that is left out', [opened(1), takes(['c1'])], 'opens after wave -1'],
    ['a wave that passes unopened', [passed(0)], 'wave -1 is open'],
    ['clusters that start without a token', [opened(0), passed(0)], 'without tokens'],
    [
      'a cluster that is left out of the tokens',
      [opened(0, ['c1', 'c2']), takes(['c1'])],
      'no token for 1 clusters',
    ],
    [
      'more clusters than may change',
      [opened(0, ['c1', 'c2', 'c3']), takes(['c1', 'c2', 'c3'])],
      '3 clusters change, 2 may',
    ],
    [
      'an event behind another one',
      [opened(0), takes(['c1']), { ...passed(0), expectedSeq: 0 }],
      'expects 0, but 1 was there',
    ],
    [
      'a decision that was written twice',
      [opened(0), takes(['c1']), { ...passed(0), id: 'id-1' }],
      'the id of an earlier one',
    ],
  ])('names %s', (_what, events, text) => {
    expect(judgeLog(logOf(events), 2).broken).toEqual([expect.stringContaining(text)]);
  });
});
