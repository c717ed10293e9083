import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DraftDecision } from './evidence.ts';
import { foldRollout } from './fold.ts';
import {
  canaryThenRest,
  commitOf,
  names,
  person,
  placement,
  releaseWith,
  uidOf,
  World,
} from './rollout-fixture.ts';
import { emptyRolloutState, type RolloutState } from './state.ts';

const fleet = names(12);
const contents = ['one', 'two', 'three'];
const reportStates = ['Ready', 'Progressing', 'Degraded', 'Stalled', 'Suspended'] as const;

/** What may happen to a fleet between two looks. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('push' as const), content: fc.constantFrom(...contents) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      cluster: fc.constantFrom(...fleet),
      state: fc.constantFrom(...reportStates, 'Ready' as const, 'Ready' as const),
      healthyForMs: fc.constantFrom(0, 1_000, 2_000, 60_000),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('well' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('offline' as const), cluster: fc.constantFrom(...fleet) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('online' as const), cluster: fc.constantFrom(...fleet) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('stale' as const), cluster: fc.constantFrom(...fleet) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('match' as const), clusters: fc.subarray([...fleet]) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('register' as const), cluster: fc.constantFrom(...fleet) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unresolved' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('absent' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('accept' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resume' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.constantFrom(1_000, 60_000, 400_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unhealthy-hub' as const) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function happen(world: World, one: Happening): void {
  switch (one.do) {
    case 'push':
      world.push(one.content);
      return;
    case 'say':
      if (world.state.rows.has(uidOf(one.cluster)) && world.clusters.has(uidOf(one.cluster))) {
        world.says(one.cluster, { state: one.state, healthyForMs: one.healthyForMs });
      }
      return;
    case 'well':
      world.everybodyIsWell();
      return;
    case 'offline':
      if (world.clusters.has(uidOf(one.cluster))) world.goOffline(one.cluster);
      return;
    case 'online':
      if (world.clusters.has(uidOf(one.cluster))) world.comeBack(one.cluster);
      return;
    case 'stale': {
      const known = world.clusters.get(uidOf(one.cluster));
      if (known) known.isFresh = false;
      return;
    }
    case 'match':
      world.matched = new Set(one.clusters);
      world.edit();
      return;
    case 'register':
      if (!world.clusters.has(uidOf(one.cluster))) world.register(one.cluster);
      world.resolve();
      return;
    case 'unresolved':
      world.desired = { kind: 'unresolved', reasons: [{ code: 'Broken', text: 'broken', subject: 'shop' }] };
      return;
    case 'absent':
      world.remove();
      return;
    case 'accept':
      if (world.state.held) world.accepted.set(world.state.held.commit, person);
      return;
    case 'resume': {
      const { active } = world.state;
      if (active?.status.kind !== 'halted') return;
      const payload = { kind: 'rollout-resumed', rollout: active.id } as const;
      world.append({ actor: person, evidence: undefined, payload });
      return;
    }
    case 'time':
      world.nowMs += one.ms;
      return;
    case 'unhealthy-hub':
      world.hubHealthySinceMs = world.hubHealthySinceMs === undefined ? world.nowMs : undefined;
  }
}

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
    const soakMs = row.target.kind === 'variant' ? row.target.variant.health.soakMs : 0;
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
        const { id } = world.push('four');
        world.accepted.set(id, person);
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
