import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from './edit-distance.ts';
import { limits } from './limits.ts';

const letters = ['a', 'b', 'c'] as const;
/** Few letters, so that texts have much in common; now and then longer than what is compared. */
const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.string({ unit: fc.constantFrom(...letters), maxLength: 4 }), fc.integer({ min: -2, max: 2 }))
      .map(([end, more]) => `${'a'.repeat(limits.comparedNameMax + more - 2)}${end}`),
  },
);
const short = fc.string({ unit: fc.constantFrom(...letters), maxLength: 4 });

describe('editDistance', () => {
  it('is 0 for equal texts and for no others', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(editDistance(left, left)).toBe(0);
        expect(editDistance(left, right) === 0).toBe(left === right);
      }),
    );
  });

  it('is the same both ways', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(editDistance(left, right)).toBe(editDistance(right, left));
      }),
    );
  });

  it('is never longer than by way of a third text', () => {
    fc.assert(
      fc.property(text, text, text, (left, between, right) => {
        expect(editDistance(left, right)).toBeLessThanOrEqual(
          editDistance(left, between) + editDistance(between, right),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('is the least number of edits that a search over all edits finds', () => {
    fc.assert(
      fc.property(short, short, (left, right) => {
        expect(editDistance(left, right)).toBe(leastEdits(left, right));
      }),
      { numRuns: 500 },
    );
  });

  it('says "further than that" exactly when it is', () => {
    fc.assert(
      fc.property(text, text, fc.nat({ max: 8 }), (left, right, atMost) => {
        expect(editDistance(left, right, atMost)).toBe(Math.min(editDistance(left, right), atMost + 1));
      }),
      { numRuns: 500 },
    );
  });
});

/** The definition itself: one edit after the other from all texts reached so far. */
function leastEdits(from: string, to: string): number {
  const lengthMax = Math.max(from.length, to.length) + 1;
  let reached = new Set([from]);
  for (let edits = 0; ; edits += 1) {
    if (reached.has(to)) return edits;
    reached = new Set([...reached].flatMap((one) => [one, ...editsOf(one)]));
    reached.forEach((one) => {
      if (one.length > lengthMax) reached.delete(one);
    });
  }
}

function editsOf(one: string): string[] {
  const edited: string[] = [];
  for (let at = 0; at <= one.length; at += 1) {
    const [before, after] = [one.slice(0, at), one.slice(at)];
    edited.push(before + after.slice(1), before + after.charAt(1) + after.charAt(0) + after.slice(2));
    for (const letter of letters) edited.push(before + letter + after, before + letter + after.slice(1));
  }
  return edited;
}
