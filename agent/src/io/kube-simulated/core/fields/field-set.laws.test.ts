import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldSet } from './field-set.ts';
import {
  decodeFieldsV1,
  difference,
  emptySet,
  encodeFieldsV1,
  intersection,
  isEmptySet,
  isSameSet,
  pathsOf,
  setOfPaths,
  union,
} from './field-set.ts';

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:"y"');
const sets: fc.Arbitrary<FieldSet> = fc
  .array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 6 })
  .map(setOfPaths);

function textOf(set: FieldSet): readonly string[] {
  return pathsOf(set)
    .map((path) => path.join('/'))
    .sort();
}

describe('field sets', () => {
  it('combine as sets of paths do', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const [a, b] = [new Set(textOf(left)), new Set(textOf(right))];

        expect(textOf(union(left, right))).toEqual([...a.union(b)].sort());
        expect(textOf(intersection(left, right))).toEqual([...a.intersection(b)].sort());
        expect(textOf(difference(left, right))).toEqual([...a.difference(b)].sort());
      }),
    );
  });

  it('are the same after they were written as fieldsV1 and read', () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(isSameSet(decodeFieldsV1(encodeFieldsV1(set)), set)).toBe(true);
      }),
    );
  });

  it('are empty exactly when they hold no path', () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(isEmptySet(set)).toBe(textOf(set).length === 0);
        expect(isSameSet(difference(set, set), emptySet)).toBe(true);
      }),
    );
  });
});
