import type { PlacementName } from '@flotilla/shared/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claimant, winnerOf } from './claims.ts';

const names = ['a', 'b', 'c', 'd'] as PlacementName[];

/** Up to four assignments that want one object, of whom at most one has it. */
const claimants = fc
  .record({
    some: fc.subarray(names, { minLength: 1 }),
    owner: fc.option(fc.constantFrom(...names), { nil: undefined }),
    each: fc.tuple(
      ...names.map(() =>
        fc.record({
          priority: fc.integer({ min: -1, max: 1 }),
          takeOverFrom: fc.option(fc.constantFrom(...names), { nil: undefined, freq: 2 }),
          ageSeq: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        }),
      ),
    ),
  })
  .map(({ each, owner, some }) =>
    some.map((placement): Claimant => {
      const one = each[names.indexOf(placement)]!;
      const takeOverFrom = one.takeOverFrom === placement ? undefined : one.takeOverFrom;
      return { placement, ...one, takeOverFrom, isOwner: placement === owner };
    }),
  );

const runs = { numRuns: 2_000 };

describe('the best claim, whoever wants an object', () => {
  it('I19: is one of them, and the same one whoever asks and in whatever order they come', () => {
    fc.assert(
      fc.property(claimants, fc.integer(), (all, seed) => {
        const winner = winnerOf(all);
        expect(all).toContain(winner);
        const turned = all.toSorted(
          (left, right) =>
            ((left.placement.charCodeAt(0) * seed) % 7) - ((right.placement.charCodeAt(0) * seed) % 7),
        );
        expect(winnerOf(turned)?.placement).toBe(winner?.placement);
      }),
      runs,
    );
  });

  it('is kept once it was had: whoever won and got it wins again', () => {
    fc.assert(
      fc.property(claimants, (all) => {
        const winner = winnerOf(all)!;
        const after = all.map((one) => ({ ...one, isOwner: one.placement === winner.placement }));
        expect(winnerOf(after)?.placement).toBe(winner.placement);
      }),
      runs,
    );
  });

  it('is never of one from whom another takes over, unless all of them are replaced', () => {
    fc.assert(
      fc.property(claimants, (all) => {
        const winner = winnerOf(all)!;
        const replaced = new Set(all.map((one) => one.takeOverFrom));
        if (!all.every((one) => replaced.has(one.placement)))
          expect(replaced).not.toContain(winner.placement);
      }),
      runs,
    );
  });

  it('does not change hands for age or name', () => {
    fc.assert(
      fc.property(claimants, (all) => {
        const plain = all.map((one) => ({ ...one, takeOverFrom: undefined }));
        const owner = plain.find((one) => one.isOwner);
        fc.pre(owner !== undefined);
        const winner = winnerOf(plain)!;
        if (winner !== owner) expect(winner.priority).toBeGreaterThan(owner.priority);
      }),
      runs,
    );
  });
});
