import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clustersChanged, type RolloutState } from '../core/index.ts';
import { foldRollout } from '../core/rollout/fold.ts';
import { history, play } from '../core/rollout/played-history-fixture.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { emptyRolloutState } from '../core/rollout/state.ts';
import { RowIndex } from './row-index.ts';

it('I5: an index of rows that is kept in step says what one says that is made anew', () => {
  let lost = 0;
  fc.assert(
    fc.property(history, fc.nat(20), (happenings, builtAfter) => {
      const world = play(happenings);
      const uids = [...world.clusters.keys()];
      // The last thing that happens: a person deletes a registration.
      for (const uid of uids.slice(0, 1)) {
        world.removed.add(uid);
        world.clusters.delete(uid);
      }
      world.resolve();
      world.settle();
      const kept = new RowIndex();
      let state: RolloutState = emptyRolloutState(placement);
      for (const [index, stored] of world.log.entries()) {
        const before = state;
        state = foldRollout(state, stored);
        const changed = clustersChanged(before, state);
        kept.changed(state, changed);
        lost += changed.filter((uid) => !state.rows.has(uid)).length;
        if (index < builtAfter) continue;
        for (const uid of uids) {
          const anew = new RowIndex().on(uid, () => [state]);
          expect(new Set(kept.on(uid, () => [state]))).toEqual(new Set(anew));
          expect(anew.has(placement)).toBe(state.rows.has(uid));
        }
      }
    }),
    { numRuns: 30 },
  );
  expect(lost).toBeGreaterThan(0);
});
