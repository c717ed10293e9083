import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advanceRollout } from './advance.ts';
import { isBeyondRules } from './only-newer.ts';
import { history, play } from './played-history-fixture.ts';

const rules = fc.record({
  caps: fc.option(fc.record({ max: fc.nat(3), perClusterMax: fc.nat(2) }), { nil: undefined }),
  window: fc.option(fc.constantFrom('window night until later', 'windows that nobody knows'), {
    nil: undefined,
  }),
});

it('R20: to a placement at rest that has nothing to say no rules for all placements are anything, known or not', () => {
  const count = { beyond: 0, within: 0 };
  fc.assert(
    fc.property(history, fc.nat(40), fc.boolean(), rules, (happenings, length, isRun, { caps, window }) => {
      const world = play(happenings.slice(0, length));
      for (let round = 0; isRun && round < 6; round += 1) {
        world.everybodyIsWell();
        world.look();
      }
      world.settle();
      const { desired, last, state } = world;
      if (!isBeyondRules({ state, desired, notes: last.notes, held: last.held })) {
        count.within += 1;
        return;
      }
      count.beyond += 1;
      const evidence = world.evidence();
      const other = {
        ...evidence,
        budget: { ...evidence.budget, caps },
        closedFor: () => window && { text: window, opensAtMs: undefined },
      };
      const { events, held, notes } = advanceRollout(state, other, world.nowMs);
      expect([events, notes, held.size]).toEqual([[], [], 0]);
    }),
    { numRuns: 400 },
  );
  expect(Math.min(count.beyond, count.within)).toBeGreaterThan(10);
});
