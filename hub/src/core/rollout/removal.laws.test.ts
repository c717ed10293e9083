import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleet } from './happenings-fixture.ts';
import { holdsAlways, must, newRows } from './played-history-fixture.ts';
import type { World } from './rollout-fixture.ts';
import { uidOf } from './samples-fixture.ts';
import { stableWorld } from './stable-world-fixture.ts';

describe('removals', () => {
  it('I18: nothing is removed from a cluster that is not positively unwanted, and much only with a yes', () => {
    holdsAlways((decided) => {
      const { before, world } = decided;
      const removed = newRows(decided).filter(([, row]) => row.target.kind === 'removal');
      if (removed.length === 0) return;
      const { desired } = world;
      // Unwanted when it was planned; what nobody can say since then goes on, but never what is wanted again.
      const wanted = desired.kind === 'release' ? [...desired.targets.keys()] : [];
      for (const [uid] of removed) expect(wanted).not.toContain(uid);
      const targets = Object.keys(must(before.withdraw).plan.targets);
      if (targets.length <= Math.max(1, Math.floor(fleet.length / 10))) return;
      const approved = world.log.flatMap(({ event, seq }): readonly string[] =>
        event.payload.kind === 'withdraw-approved' && seq <= before.lastSeq ? event.payload.clusters : [],
      );
      expect(targets.filter((one) => !approved.includes(one))).toEqual([]);
    });
  });

  it('I18: a yes counts only for what was held when it was given', () => {
    const eight = fleet.slice(0, 8);
    fc.assert(
      fc.property(fc.subarray([...eight], { maxLength: 6 }), fc.nat({ max: 3 }), (left, yesBefore) => {
        const world = stableWorld(eight);
        world.matched = new Set(left);
        const { id } = world.edit();
        for (let yes = 0; yes < yesBefore; yes += 1) world.accept(id);
        world.run();
        const removed = () =>
          [...world.state.rows.values()].filter(({ target }) => target.kind === 'removal');
        expect(world.state.held?.clusters).toHaveLength(eight.length - left.length);
        expect(removed()).toEqual([]);
        world.accept(id);
        world.run();
        expect(removed()).toHaveLength(eight.length - left.length);
      }),
      { numRuns: 50 },
    );
  });

  it('I18: what is wanted again while it is taken away stays where it has not been reached', () => {
    const eight = fleet.slice(0, 8);
    const some = fc.shuffledSubarray([...eight], { minLength: 3, maxLength: 6 });
    fc.assert(
      fc.property(some, fc.nat({ max: 5 }), (leaving, back) => {
        const world = stableWorld(eight);
        world.matched = new Set(eight.filter((name) => !leaving.includes(name)));
        const { id } = world.edit();
        world.settle();
        world.accept(id);
        world.settle();
        const isRemoved = (name: string) => world.state.rows.get(uidOf(name))?.target.kind === 'removal';
        const again = leaving.filter((name) => !isRemoved(name)).slice(0, back);
        world.matched = new Set([...world.matched, ...again]);
        world.edit();
        world.run();
        expect(again.filter(isRemoved)).toEqual([]);
        const everGone = new Set(
          world.log.flatMap(({ event: { payload } }) =>
            payload.kind === 'wave-opened' && isOfWithdraw(world, payload.rollout) ? payload.clusters : [],
          ),
        );
        expect(again.filter((name) => everGone.has(uidOf(name)))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('I18: no removal begins while nobody can say what is wanted', () => {
    holdsAlways(({ payload, world }) => {
      const isRemoval = payload.kind === 'rollout-planned' && payload.rolloutKind === 'withdraw';
      if (isRemoval || payload.kind === 'withdraw-held') expect(world.desired.kind).not.toBe('unresolved');
    });
  });
});

function isOfWithdraw({ log }: World, rollout: string): boolean {
  return log.some(
    ({ event: { payload } }) =>
      payload.kind === 'rollout-planned' && payload.rollout === rollout && payload.rolloutKind === 'withdraw',
  );
}
