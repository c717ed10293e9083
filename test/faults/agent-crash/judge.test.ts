import { expect, test } from 'vitest';
import { judgeDeletes } from './judge.ts';

const namespace = 'removal-0001';
const expected = { namespace, deleted: ['ConfigMap gone'] };
const event = (name: string, status: number) => ({
  verb: 'delete',
  namespace,
  resource: 'configmaps',
  name,
  status,
});

test.each([
  ['once', [event('gone', 200)]],
  ['once, and then was looked for', [event('gone', 200), event('gone', 404)]],
  ['by a request that was cut off', [event('gone', 504)]],
  ['after a request that was cut off undone', [event('gone', 504), event('gone', 200)]],
  ['while somebody else was refused', [event('gone', 200), event('kept', 409)]],
])('an object that had to go went %s', (_how, events) => {
  expect(judgeDeletes(events, expected)).toEqual([]);
});

test.each([
  ['never', [], 'ConfigMap gone was deleted 0 times ()'],
  ['refused only', [event('gone', 409)], 'ConfigMap gone was deleted 0 times (409)'],
  ['twice', [event('gone', 200), event('gone', 200)], 'ConfigMap gone was deleted 2 times (200, 200)'],
  ['another', [event('gone', 200), event('kept', 200)], 'ConfigMap kept was deleted without a cause'],
  [
    'another, cut off',
    [event('gone', 200), event('kept', 504)],
    'ConfigMap kept was deleted without a cause',
  ],
])('%s is named', (_how, events, text) => {
  expect(judgeDeletes(events, expected)).toEqual([text]);
});
