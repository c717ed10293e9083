import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldRollout } from './fold.ts';
import { history, newRows, play } from './played-history-fixture.ts';
import type { World } from './rollout-fixture.ts';
import { placement } from './samples-fixture.ts';
import { emptyRolloutState } from './state.ts';

describe('what was taken back', () => {
  it('I11: a release that was rolled back is given to nobody until somebody says retry or Git asks for another', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        // Whatever came before, at its end something is rolled back that Git still asks for.
        for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
        world.matched = undefined;
        world.fleet.free();
        world.push('newest');
        world.settle();
        if (world.operate({ verb: 'undo' }).ok) world.run();
        let before = emptyRolloutState(placement);
        // Written down apart from the state: what is rejected, and what ended that.
        let rejected: string | undefined;
        for (const stored of world.log) {
          const { payload } = stored.event;
          const after = foldRollout(before, stored);
          if (payload.kind === 'rejection-lifted' && payload.release === rejected) rejected = undefined;
          for (const [, row] of newRows({ before, after }))
            if (row.target.kind === 'variant') expect(row.target.releaseDigest).not.toBe(rejected);
          if (payload.kind === 'rollout-planned' && payload.rejects !== undefined)
            rejected = payload.rejects.release;
          before = after;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('I11: a rejection ends only by a retry, or by a commit that asks for another release', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
        world.fleet.free();
        world.push('newest');
        world.settle();
        fc.pre(world.operate({ verb: 'undo' }).ok);
        const { rejected } = world.state;
        fc.pre(rejected !== undefined && world.desired.kind === 'release');
        const isAsked = rejected.release === world.desired.release.digest;
        const { length } = world.log;
        world.settle();
        world.edit();
        world.settle();
        const lifted = world.log
          .slice(length)
          .some(({ event: { payload } }) => payload.kind === 'rejection-lifted');
        expect(lifted).toBe(!isAsked);
      }),
      { numRuns: 100 },
    );
  });

  it('I12: after an undo every reachable cluster that was touched ends on the stable release', () => {
    fc.assert(
      fc.property(history, fc.boolean(), (happenings, isSuccess) => {
        const world = play(happenings);
        for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
        world.matched = undefined;
        world.edit();
        world.settle();
        if (isSuccess) succeed(world, ['newer', 'newest']);
        fc.pre(undoes(world));
        world.run();
        world.operate({ verb: 'resume' });
        // Who strayed before the release that is undone catches up, and is held like everybody.
        world.fleet.free();
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

  it('I12: a rollback needs no Git, ends although newer releases come, and leads to what was stable when it was asked for', () => {
    fc.assert(
      fc.property(history, fc.boolean(), (happenings, isGitAway) => {
        const world = play(happenings);
        for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
        world.matched = undefined;
        world.push('newest');
        world.settle();
        if (isGitAway) world.desired = { kind: 'unresolved', reasons: [] };
        const undone = world.operate({ verb: 'undo' });
        // Whatever an undo with Git is refused for, it is for nothing else without.
        if (!undone.ok) expect(['NoStable', 'NothingToUndo']).toContain(undone.error.code);
        const { active } = world.state;
        fc.pre(undone.ok && active?.plan.rolloutKind === 'rollback');
        const stable = active.plan.release?.digest;
        if (!isGitAway) world.push('newer');
        world.operate({ verb: 'resume' });
        world.settle();
        expect(world.state.active?.id).toBe(active.id);
        for (let wave = 0; wave < 20 && world.state.active?.id === active.id; wave += 1) {
          for (const [uid, row] of world.state.rows)
            if (row.rollout === active.id) world.says(world.clusters.get(uid)?.cluster.name ?? '');
          world.look();
        }
        expect(world.state.stable?.digest).toBe(stable);
        expect(world.state.history.find((one) => one.id === active.id)?.outcome).toBe('succeeded');
        for (const uid of Object.keys(active.plan.targets)) {
          const row = [...world.state.rows].find(([one]) => one === uid)?.[1];
          const isNewer = row !== undefined && row.rollout !== active.id;
          if (!isNewer) expect(row?.target).toMatchObject({ releaseDigest: stable });
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Whether something could be undone; when nothing was, of something that people push now. */
function undoes(world: World): boolean {
  if (world.operate({ verb: 'undo' }).ok) return true;
  world.push('newest');
  world.settle();
  return world.operate({ verb: 'undo' }).ok;
}

/** Lets these releases succeed one after the other. */
function succeed(world: World, contents: readonly string[]): void {
  world.fleet.free();
  world.hubHealthySinceMs = 0;
  for (const content of contents) {
    world.operate({ verb: 'resume' });
    world.accept(world.push(content).id);
    world.run();
  }
}
