import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advanceRollout } from './advance.ts';
import { must } from './played-history-fixture.ts';
import type { World } from './rollout-fixture.ts';
import { uidOf } from './samples-fixture.ts';
import { stableWorld } from './stable-world-fixture.ts';

/** Deadline of a removal, and five minutes. */
const lostAfterMs = 600_000 + 300_000;
const twelve = [...'bcdefghijklm'].map((letter) => `c${letter}`);

/** A removal from all twelve that has come so far: 0 = it is planned, 1 = its first cluster has its row, 2 = all others, too. */
function removalAfter(steps: number): World {
  const world = stableWorld(twelve);
  const { id } = world.remove();
  world.settle();
  world.accept(id);
  while (world.state.withdraw === undefined)
    world.append(must(advanceRollout(world.state, world.evidence(), world.nowMs).events[0]));
  for (let step = 0; step < steps; step += 1) {
    if (step > 0) world.everybodyIsWell();
    world.settle();
  }
  return world;
}

/** Those of them that were not told to remove the placement. */
function keepers({ state }: World, names: readonly string[]): readonly string[] {
  return names.filter((name) => state.rows.get(uidOf(name))?.target.kind === 'variant');
}

/** Time passes, and a person agrees to what is asked, and resumes what has halted; returns the kinds of all decisions. */
function passTime(world: World): readonly string[] {
  world.nowMs += lostAfterMs;
  if (world.state.held !== undefined) world.accept(world.state.held.commit);
  if (world.state.withdraw?.status.kind === 'halted') world.operate({ verb: 'resume' });
  return world.run();
}

it('I15: removals end for all who are here, whoever falls silent and whenever, with a person who resumes and agrees', () => {
  const some = fc.shuffledSubarray(twelve, { minLength: 1, maxLength: 11 });
  const seen = { leftOut: 0, begunAgain: 0 };
  fc.assert(
    fc.property(some, fc.integer({ min: 0, max: 2 }), (silent, steps) => {
      const world = removalAfter(steps);
      for (const name of silent) world.goOffline(name);
      for (let round = 0; round < 12; round += 1) {
        const kinds = passTime(world);
        seen.leftOut += kinds.filter((kind) => kind === 'cluster-skipped').length;
        seen.begunAgain += kinds.filter((kind) => kind === 'rollout-cancelled').length;
      }
      const here = twelve.filter((name) => !silent.includes(name));
      expect(keepers(world, here)).toEqual([]);
      for (const name of silent) world.comeBack(name);
      for (let round = 0; round < 3; round += 1) passTime(world);
      expect(keepers(world, twelve)).toEqual([]);
      expect(world.state.withdraw).toBeUndefined();
    }),
    { numRuns: 60 },
  );
  expect(seen.leftOut).toBeGreaterThan(10);
  expect(seen.begunAgain).toBeGreaterThan(10);
});

it('I8: a removal counts nobody as proven who said nothing of it, and halts once before it goes on without them', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(twelve, { minLength: 1, maxLength: 11 }), (silent) => {
      const world = removalAfter(1);
      for (const name of silent) world.goOffline(name, 0);
      const kinds: string[] = [];
      for (let round = 0; round < 12; round += 1) kinds.push(...passTime(world));
      const [halted, leftOut] = ['rollout-halted', 'cluster-skipped'].map((kind) => kinds.indexOf(kind));
      if (leftOut !== -1) expect(halted).toBeLessThan(must(leftOut));
      const proven = world.state.history
        .filter(({ kind }) => kind === 'withdraw')
        .map(({ counts }) => counts.ready);
      const sum = proven.reduce((all, count) => all + count, 0);
      expect(sum).toBeLessThanOrEqual(twelve.length - silent.length);
    }),
    { numRuns: 60 },
  );
});
