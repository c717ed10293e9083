import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advanceRollout } from './advance.ts';
import { isOnlyNewer } from './only-newer.ts';
import { history, play } from './played-history-fixture.ts';

it('I23: of a placement that a newer commit leaves alone nothing is decided, and nothing said', () => {
  let left = 0;
  fc.assert(
    fc.property(history, fc.nat(30), fc.boolean(), fc.boolean(), (happenings, count, isRun, isEdit) => {
      const world = play(happenings.slice(0, count));
      for (let round = 0; isRun && round < 6; round += 1) {
        world.everybodyIsWell();
        world.look();
      }
      world.settle();
      const { desired, last, state } = world;
      if (isEdit) world.edit();
      else world.push('another');

      if (!isOnlyNewer({ state, desired, notes: last.notes }, world.desired)) return;
      left += 1;
      const { events, notes } = advanceRollout(state, world.evidence(), world.nowMs);
      expect([events, notes]).toEqual([[], []]);
    }),
    { numRuns: 400 },
  );
  expect(left).toBeGreaterThan(10);
});
