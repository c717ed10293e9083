import { expect, test } from 'vitest';
import { logFields } from './log-fields.ts';

test('log fields are sorted, unique and snake case', () => {
  expect([...logFields].sort()).toEqual([...logFields]);
  expect(new Set(logFields).size).toBe(logFields.length);
  expect(logFields.filter((name) => !/^[a-z]+(_[a-z]+)*$/.test(name))).toEqual([]);
});
