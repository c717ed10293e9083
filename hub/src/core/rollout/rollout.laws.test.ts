import type { PlacementDecision } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DraftDecision } from './evidence.ts';
import { foldRollout } from './fold.ts';
import { fleet, type Happening, happen, happening } from './happenings-fixture.ts';
import { World } from './rollout-fixture.ts';
import { canaryThenRest, commitOf, placement, releaseWith } from './samples-fixture.ts';
import { emptyRolloutState, type RolloutState } from './state.ts';

/** A look whose every decision is checked against the world as it is at that moment, by rules written down here again. */
function checkedLook(world: World): readonly DraftDecision[] {
  let before = world.state;
  const events = world.look();
  const appended = world.log.slice(world.log.length - events.length);
  for (const stored of appended) {
    const after = foldRollout(before, stored);
    checkDecision(world, before, after, stored.event);
    before = after;
  }
  return events;
}

function checkDecision(world: World, before: RolloutState, after: RolloutState, draft: DraftDecision): void {
  const { payload } = draft;
  if (payload.kind === 'wave-passed') expectEveryoneSettled(world, before, payload);
  if (payload.kind === 'wave-opened') {
    const rollout = [before.active, before.withdraw].find((one) => one?.id === payload.rollout);
    expect(['planned', 'passed']).toContain(rollout?.status.kind);
    expect(rollout?.isPaused).toBe(false);
  }
  if (payload.kind === 'cluster-failed' && payload.failure === 'lost') {
    expect(world.hubHealthySinceMs).toBeDefined();
    const row = before.rows.get(payload.cluster)!;
    expect(before.timeMs).toBeGreaterThanOrEqual(row.issuedAtMs + 60_000 + 300_000);
  }
  for (const [uid, row] of after.rows) {
    const old = before.rows.get(uid);
    if (old === row) continue;
    expect(row.version.seq).toBeGreaterThan(old?.version.seq ?? 0);
    if (row.target.kind === 'removal') expectWantedGone(world, before, uid);
  }
}

/** I1, I8: every cluster of the wave has fresh Ready of exactly its row for the whole soak, or failed, or is deferred. */
function expectEveryoneSettled(
  world: World,
  before: RolloutState,
  payload: { readonly rollout: string; readonly wave: number },
): void {
  const rollout = [before.active, before.withdraw].find((one) => one?.id === payload.rollout)!;
  let successes = 0;
  for (const uid of rollout.plan.waves[payload.wave]!.clusters) {
    const phase = rollout.clusters.get(uid)!.phase.kind;
    const row = before.rows.get(uid);
    const known = world.clusters.get(uid);
    if (phase !== 'issued' || row?.rollout !== rollout.id || known === undefined) continue;
    if (!isWanted(world, uid, rollout.plan.rolloutKind === 'withdraw')) continue;
    expect(known.isFresh).toBe(true);
    expect(known.report?.version).toEqual(row.version);
    const isPromoted = world.log.some(({ event }) => isPromotion(event.payload, payload));
    const soakMs = isPromoted || row.target.kind !== 'variant' ? 0 : row.target.variant.health.soakMs;
    expect(known.report?.state).toBe(row.target.kind === 'variant' ? 'Ready' : 'Removed');
    expect(known.report?.healthyForMs ?? 0).toBeGreaterThanOrEqual(soakMs);
    successes += 1;
  }
  const isLast = payload.wave + 1 === rollout.plan.waves.length;
  const counted = rollout.plan.waves[payload.wave]!.clusters.filter((uid) => {
    const { phase } = rollout.clusters.get(uid)!;
    return phase.kind === 'failed' || (phase.kind === 'deferred' && phase.reason === 'offline');
  });
  const isProven = rollout.plan.release?.digest === rollout.plan.stable?.digest;
  if (!isLast && counted.length > 0 && !isProven) expect(successes).toBeGreaterThan(0);
}

function isPromotion(
  payload: PlacementDecision,
  of: { readonly rollout: string; readonly wave: number },
): boolean {
  return payload.kind === 'wave-promoted' && payload.rollout === of.rollout && payload.wave === of.wave;
}

function isWanted(world: World, uid: string, isRemoval: boolean): boolean {
  const { desired } = world;
  if (desired.kind === 'unresolved') return true;
  const isMatched = desired.kind === 'release' && [...desired.targets.keys()].some((one) => one === uid);
  return isRemoval ? !isMatched : isMatched;
}

/** I18: a removal row is for a cluster that is positively not wanted; many at once only with a person's yes. */
function expectWantedGone(world: World, before: RolloutState, uid: string): void {
  const { desired } = world;
  if (desired.kind === 'release') expect([...desired.targets.keys()]).not.toContain(uid);
  const planned = before.withdraw!.plan;
  const targets = Object.keys(planned.targets);
  const mayLeave = Math.max(1, Math.floor(fleet.length / 10));
  if (targets.length > mayLeave) {
    const approvals = world.log.flatMap(({ event, seq }) =>
      event.payload.kind === 'withdraw-approved' && seq <= before.lastSeq ? [event.payload.clusters] : [],
    );
    const approved = new Set(approvals.flat());
    expect(targets.every((one) => approved.has(one as never))).toBe(true);
  }
}

/** What each cluster runs once everybody is there and well and Git asks for one thing more. */
function finalVariants(world: World): readonly unknown[] {
  for (const one of world.clusters.values()) world.comeBack(one.cluster.name);
  world.matched = undefined;
  world.hubHealthySinceMs = 0;
  world.operate({ verb: 'resume' });
  world.accept(world.push('four').id);
  world.run();
  return [...world.clusters.keys()].sort().map((uid) => {
    const target = world.state.rows.get(uid)?.target;
    return target?.kind === 'variant' ? target.variant.digest : target?.kind;
  });
}

const history = fc.array(happening, { minLength: 1, maxLength: 60 });

function play(happenings: readonly Happening[]): World {
  const world = new World(fleet.slice(0, 8));
  world.strategy = canaryThenRest();
  world.push('one');
  for (const one of happenings) {
    happen(world, one);
    for (let round = 0; round < 20 && checkedLook(world).length > 0; round += 1);
  }
  return world;
}

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
