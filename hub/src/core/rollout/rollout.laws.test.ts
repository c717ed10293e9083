import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldRollout } from './fold.ts';
import { history, play } from './played-history-fixture.ts';
import { commitOf, placement, releaseWith } from './samples-fixture.ts';
import { emptyRolloutState } from './state.ts';

describe('whatever happens to a fleet', () => {
  it('every decision rests on what is so, rows only grow, and nothing is removed without being positively unwanted', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        play(happenings);
      }),
      { numRuns: 300 },
    );
  });

  it('the log folds to the same state again, also with repeated events, and each wave opens once', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 1_000 }), (happenings, at) => {
        const world = play(happenings);
        const again = world.log.reduce(foldRollout, emptyRolloutState(placement));
        expect(again).toEqual(world.state);
        const old = world.log[at % Math.max(1, world.log.length)];
        if (old) expect(foldRollout(world.state, old)).toBe(world.state);
        const waves = world.log.flatMap(({ event: { payload } }) =>
          payload.kind === 'wave-opened' ? [`${payload.rollout} ${payload.wave}`] : [],
        );
        expect(new Set(waves).size).toBe(waves.length);
      }),
      { numRuns: 150 },
    );
  });

  it('after a halt no row of that rollout moves forward until somebody resumes it or another takes over', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        const halted = new Set<string>();
        for (const { event } of world.log) {
          const { payload } = event;
          if (payload.kind === 'rollout-halted') halted.add(payload.rollout);
          if (payload.kind === 'rollout-resumed') halted.delete(payload.rollout);
          if (payload.kind === 'wave-opened') expect(halted).not.toContain(payload.rollout);
          if (payload.kind === 'clusters-admitted' && payload.basis !== 'joined-stable') {
            expect(halted).not.toContain(payload.rollout);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('the same look twice decides the same, and after its decisions nothing is left to decide', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        expect(world.settle().filter((kind) => kind !== 'tick')).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('once everybody is there and well, every wanted cluster gets what Git says', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
        world.matched = undefined;
        world.fleet.free();
        world.hubHealthySinceMs = 0;
        world.operate({ verb: 'resume' });
        const { id } = world.push('four');
        world.accept(id);
        world.run();
        const { digest } = releaseWith('four', commitOf(0));
        for (const { cluster } of world.clusters.values()) {
          const target = world.state.rows.get(cluster.uid)?.target;
          expect(target).toMatchObject({ kind: 'variant', releaseDigest: digest });
        }
        expect(world.state.active).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });
});
