import { describe, expect, it } from 'vitest';
import { editDistance } from './edit-distance.ts';
import { limits } from './limits.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['main', 'main', 0],
    ['main', '', 4],
    ['main', 'mains', 1],
    ['main', 'man', 1],
    ['main', 'mein', 1],
    ['main', 'mian', 1],
    ['main', 'Main', 1],
    ['plcaements', 'placements', 1],
    ['kitten', 'sitting', 3],
    // A swapped pair that is edited again: the form without that says 3.
    ['ca', 'abc', 2],
    ['abcdef', 'badcfe', 3],
  ])('of %j and %j is %d', (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
    expect(editDistance(right, left)).toBe(distance);
  });

  it.each([
    ['kitten', 'sitting', 3, 3],
    ['kitten', 'sitting', 2, 3],
    ['kitten', 'sitting', 0, 1],
    ['main', 'main', 0, 0],
    ['a', 'abcdef', 2, 3],
  ])('of %j and %j, when only %d matter, is %d', (left, right, atMost, distance) => {
    expect(editDistance(left, right, atMost)).toBe(distance);
  });

  it('does not compare what is longer than any name', () => {
    const long = 'a'.repeat(limits.comparedNameMax);
    expect(editDistance(`${long}b`, `${long}b`)).toBe(0);
    expect(editDistance(`${long}b`, `${long}c`)).toBe(limits.comparedNameMax + 1);
    expect(editDistance(`${long}b`, `${long}c`, 2)).toBe(3);
    expect(editDistance(long, long.replace(/a$/, 'b'))).toBe(1);
  });
});
