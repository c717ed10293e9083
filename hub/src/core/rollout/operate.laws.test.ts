import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldRollout } from './fold.ts';
import { happen } from './happenings-fixture.ts';
import { history, play } from './played-history-fixture.ts';
import type { World } from './rollout-fixture.ts';
import { approvedCanary, placement } from './samples-fixture.ts';
import { emptyRolloutState } from './state.ts';

/** What each cluster runs once everybody is there and well and Git asks for one thing more. */
function finalVariants(world: World): readonly unknown[] {
  for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
  world.matched = undefined;
  world.fleet.free();
  world.hubHealthySinceMs = 0;
  world.operate({ verb: 'resume' });
  world.accept(world.push('four').id);
  world.run();
  return [...world.clusters.keys()].sort().map((uid) => {
    const target = world.state.rows.get(uid)?.target;
    return target?.kind === 'variant' ? target.variant.digest : target?.kind;
  });
}

describe('whatever people ask', () => {
  it('I11: a release that was rolled back is given to nobody until somebody says retry or Git asks for another', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        let before = emptyRolloutState(placement);
        for (const stored of world.log) {
          const after = foldRollout(before, stored);
          for (const [uid, row] of after.rows) {
            if (before.rows.get(uid) === row || row.target.kind !== 'variant') continue;
            expect(row.target.releaseDigest).not.toBe(before.rejected?.release);
          }
          before = after;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('I12: after an undo every reachable cluster that was touched ends on the stable release', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
        world.matched = undefined;
        world.edit();
        world.settle();
        fc.pre(world.operate({ verb: 'undo' }).ok);
        world.run();
        world.operate({ verb: 'resume' });
        world.run();
        const stable = world.state.stable?.digest;
        expect(world.state.rejected?.release).not.toBe(stable);
        for (const row of world.state.rows.values()) {
          if (row.target.kind === 'variant') expect(row.target.releaseDigest).toBe(stable);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('I20 and I21: a pause anywhere, each operation twice, and a resume give the same rows in the end', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 60 }), (happenings, at) => {
        const calm = happenings.filter((one) => one.do !== 'operate');
        const plain = play(calm);
        const paused = play(calm.slice(0, at));
        for (let round = 0; round < 2; round += 1) paused.operate({ verb: 'pause' });
        for (const one of calm.slice(at)) happen(paused, one);
        for (let round = 0; round < 2; round += 1) paused.operate({ verb: 'resume' });
        expect(finalVariants(paused)).toEqual(finalVariants(plain));
      }),
      { numRuns: 100 },
    );
  });

  it('I9: no stage begins after one that asks for approval, but by a yes to this rollout and stage, given after it passed', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings, approvedCanary());
        const asked = new Set<string>();
        const given = new Set<string>();
        for (const { event } of world.log) {
          const { payload } = event;
          if (payload.kind === 'wave-passed') asked.add(payload.rollout);
          if (payload.kind === 'stage-approved' && asked.has(payload.rollout)) given.add(payload.rollout);
          if (payload.kind === 'rollout-resumed') given.delete(payload.rollout);
          if (payload.kind !== 'wave-opened' || payload.stage === 0) continue;
          const isGated = world.log.some(
            ({ event: { payload: plan } }) =>
              plan.kind === 'rollout-planned' &&
              plan.rollout === payload.rollout &&
              plan.strategy.stages[0]?.after.includes('approval'),
          );
          if (isGated) expect(given).toContain(payload.rollout);
        }
      }),
      { numRuns: 200 },
    );
  });
});
