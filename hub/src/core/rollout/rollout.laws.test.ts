import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldRollout } from './fold.ts';
import { canaryLabel } from './plan-waves.ts';
import { type Decided, history, holdsAlways, newRows, play, rolloutOf } from './played-history-fixture.ts';
import { commitOf, placement, releaseWith } from './samples-fixture.ts';
import { emptyRolloutState, type Rollout } from './state.ts';

describe('whatever happens to a fleet', () => {
  it('I4: a wave opens once, after everything before it', () => {
    holdsAlways(({ world, before, payload }) => {
      if (payload.kind !== 'wave-opened') return;
      const { isPaused, status } = rolloutOf(before, payload.rollout);
      expect(['planned', 'passed']).toContain(status.kind);
      expect(isPaused).toBe(false);
      const opened = world.log.filter(
        ({ event: { payload: other } }) =>
          other.kind === 'wave-opened' && other.rollout === payload.rollout && other.wave === payload.wave,
      );
      expect(opened).toHaveLength(1);
    });
  });

  it('I5: the log folds to the same state on every replica, also from a state in the middle, with events that come again', () => {
    const place = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(history, place, place, (happenings, at, back) => {
        const world = play(happenings);
        const { log, state } = world;
        expect(log.reduce(foldRollout, emptyRolloutState(placement))).toEqual(state);
        const cut = at % (log.length + 1);
        const middle = structuredClone(log.slice(0, cut).reduce(foldRollout, emptyRolloutState(placement)));
        // Who goes on from a state may be handed events that are in it already.
        const from = cut - (back % (cut + 1));
        expect(log.slice(from).reduce(foldRollout, middle)).toEqual(state);
        for (const old of log.slice(from)) expect(foldRollout(state, old)).toBe(state);
      }),
      { numRuns: 100 },
    );
  });

  it('I6: the versions of every row only grow', () => {
    holdsAlways((decided) => {
      for (const [uid, row] of newRows(decided)) {
        const old = decided.before.rows.get(uid);
        expect(row.version.seq).toBeGreaterThan(old?.version.seq ?? 0);
        expect(row.version.seq).toBe(decided.after.lastSeq);
      }
    });
  });

  it('I13: no cluster gets a release before every earlier stage passed for exactly that rollout', () => {
    holdsAlways((decided) => {
      const { before, payload, world } = decided;
      if (payload.kind !== 'wave-opened' && payload.kind !== 'clusters-admitted') return;
      const rollout = rolloutOf(before, payload.rollout);
      const passed = new Set(
        world.log.flatMap(({ event: { payload: one }, seq }) =>
          one.kind === 'wave-passed' && one.rollout === rollout.id && seq <= before.lastSeq ? [one.wave] : [],
        ),
      );
      const isBefore = wavesBefore(rollout, decided);
      for (const [wave, planned] of rollout.plan.waves.entries())
        if (isBefore(planned.stage, wave)) expect(passed).toContain(wave);
    });
  });

  it('I13: a rollout begins with nothing of the one before it', () => {
    holdsAlways(({ after, payload }) => {
      if (payload.kind !== 'rollout-planned') return;
      const { approvals, checks, clusters, isPaused, promotedWave, status } = rolloutOf(
        after,
        payload.rollout,
      );
      expect({ approvals: approvals.size, checks, isPaused, promotedWave, status }).toEqual({
        approvals: 0,
        checks: undefined,
        isPaused: false,
        promotedWave: undefined,
        status: { kind: 'planned' },
      });
      expect([...clusters.values()].every(({ phase }) => phase.kind === 'waiting')).toBe(true);
    });
  });

  it('I23: what leaves every variant as it is decides nothing, whatever commit it stands in', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
        world.fleet.free();
        world.accept(world.push('one').id);
        world.run();
        fc.pre(world.state.active === undefined && world.state.held === undefined);
        const { length } = world.log;
        world.edit();
        world.settle();
        world.push('one');
        world.run();
        const later = world.log.slice(length).map(({ event }) => event.payload.kind);
        expect(later.filter((kind) => kind !== 'tick')).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('I23: a commit that changes no variant decides nothing, whatever runs', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const world = play(happenings);
        fc.pre(world.desired.kind === 'release');
        world.resolve();
        world.settle();
        const { length } = world.log;
        world.edit();
        world.settle();
        const later = world.log.slice(length).map(({ event }) => event.payload.kind);
        expect(later.filter((kind) => kind !== 'tick')).toEqual([]);
      }),
      { numRuns: 100 },
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

/** Which waves have to be over before a decision may give somebody the rollout's release. */
function wavesBefore(
  rollout: Rollout,
  { payload, world }: Decided,
): (stage: number, wave: number) => boolean {
  const { plan } = rollout;
  if (payload.kind === 'wave-opened') return (_stage, wave) => wave < payload.wave;
  if (payload.kind !== 'clusters-admitted' || payload.basis === 'joined-stable') return () => false;
  const admitted = Object.keys(payload.targets);
  if (payload.basis === 'returned') {
    // Whose wave opened without them: the waves before that one are over.
    const own = plan.waves.findIndex(({ clusters }) => clusters.some((uid) => admitted.includes(uid)));
    return (_stage, wave) => wave < own;
  }
  // A release that is stable everywhere else is no candidate, and without a stable one joiners come with their stage.
  if (plan.stable === undefined || plan.release?.digest === plan.stable.digest) return () => false;
  const isCanary = [...world.clusters.values()].every(
    ({ cluster }) => !admitted.includes(cluster.uid) || cluster.labels[canaryLabel] === 'true',
  );
  return (stage) => stage <= (isCanary ? 0 : plan.strategy.stages.length - 1);
}
