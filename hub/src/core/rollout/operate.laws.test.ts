import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalLifeMs } from './gate.ts';
import { type Happening, happen, happening } from './happenings-fixture.ts';
import type { RolloutOperation } from './operate.ts';
import { history, holdsAlways, newRows, play, rolloutOf } from './played-history-fixture.ts';
import type { World } from './rollout-fixture.ts';
import { approvedCanary, uidOf } from './samples-fixture.ts';
import { five, stableWorld } from './stable-world-fixture.ts';

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

const operations: readonly RolloutOperation[] = [
  ...(['pause', 'resume', 'abort', 'promote', 'urgent', 'undo', 'retry'] as const).map((verb) => ({ verb })),
  { verb: 'approve', stage: undefined },
  ...['cbb', 'cbc', 'cbd'].map((name) => ({ verb: 'skip', cluster: uidOf(name) }) as const),
];

const always = (one: Happening) => ({ weight: 4, arbitrary: fc.constant(one) });
/** Histories in which gates are reached and opened. */
const gatedHistory = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: happening },
    always({ do: 'well' }),
    always({ do: 'answer', isGood: true }),
    always({ do: 'operate', verb: 'approve', cluster: '' }),
    {
      weight: 2,
      arbitrary: fc.constantFrom('two', 'three').map((content) => ({ do: 'push', content }) as const),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'time', ms: 200_000_000 } as const) },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);

describe('whatever people ask', () => {
  it('I20: a pause anywhere and a resume give the same rows in the end', () => {
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

  it('I20: nobody starts in a rollout that is paused', () => {
    holdsAlways((decided) => {
      const { before, payload } = decided;
      if (payload.kind === 'clusters-admitted' && payload.basis === 'joined-stable') return;
      if (newRows(decided).length === 0 || !('rollout' in payload)) return;
      expect(rolloutOf(before, payload.rollout).isPaused).toBe(false);
    });
  });

  it('I21: every operation, asked again, decides nothing more', () => {
    fc.assert(
      fc.property(
        history,
        fc.shuffledSubarray([...operations], { minLength: operations.length }),
        (happenings, all) => {
          const world = play(happenings);
          for (const asked of all) {
            const first = world.operate(asked);
            if (!first.ok) continue;
            const { state } = world;
            const again = world.operate(asked, first.value.rollout);
            expect(again.ok ? again.value.decisions : []).toEqual([]);
            expect(world.state).toBe(state);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('I9: no stage begins after one that asks for approval, but by a yes to this rollout and stage, given after it passed', () => {
    let count = 0;
    fc.assert(
      fc.property(gatedHistory, (happenings) => {
        const world = play(happenings, checkedAndApproved());
        const passed = new Set<string>();
        const checked = new Set<string>();
        const given = new Map<string, number>();
        const begun = new Set<string>();
        for (const { event, storedAtMs } of world.log) {
          const { payload } = event;
          if (payload.kind === 'wave-passed' && payload.stage === 0) passed.add(payload.rollout);
          if (payload.kind === 'check-passed') checked.add(payload.rollout);
          if (payload.kind === 'stage-approved') {
            expect(passed).toContain(payload.rollout);
            expect(checked).toContain(payload.rollout);
            given.set(payload.rollout, storedAtMs);
          }
          if (payload.kind === 'rollout-resumed') {
            given.delete(payload.rollout);
            checked.delete(payload.rollout);
          }
          const isBeyond = payload.kind === 'wave-opened' && payload.stage > 0;
          if (!isBeyond || !isGated(world, payload.rollout)) continue;
          expect(checked).toContain(payload.rollout);
          const approvedAtMs = given.get(payload.rollout);
          expect(approvedAtMs).toBeDefined();
          if (begun.has(payload.rollout)) continue;
          begun.add(payload.rollout);
          count += 1;
          expect(storedAtMs - (approvedAtMs ?? 0)).toBeLessThanOrEqual(approvalLifeMs);
        }
      }),
      { numRuns: 150 },
    );
    expect(count).toBeGreaterThan(5);
  });
});
describe('a yes', () => {
  it('I9: does not count any more after three days, nor after a halt', () => {
    const days = fc.integer({ min: 0, max: 2 * approvalLifeMs });
    fc.assert(
      fc.property(days, fc.boolean(), (waitMs, isHalted) => {
        const world = stableWorld(five);
        world.strategy = approvedCanary();
        world.push('two');
        world.run();
        // What it allows does not begin at once: a window is closed.
        world.fleet.close(five);
        expect(world.operate({ verb: 'approve', stage: undefined }).ok).toBe(true);
        world.settle();
        if (isHalted) {
          for (const name of world.holding('two')) world.says(name, { state: 'Degraded' });
          world.settle();
          expect(world.state.active?.status.kind).toBe('halted');
          world.everybodyIsWell();
          world.operate({ verb: 'resume' });
          world.settle();
        }
        world.nowMs += waitMs;
        world.fleet.free();
        world.settle();
        expect(world.holding('two').length > 1).toBe(!isHalted && waitMs <= approvalLifeMs);
      }),
      { numRuns: 100 },
    );
  });
});

/** Whether the strategy that a rollout was planned with asks after its first stage. */
function isGated({ log }: World, rollout: string): boolean {
  return log.some(
    ({ event: { payload } }) =>
      payload.kind === 'rollout-planned' &&
      payload.rollout === rollout &&
      payload.strategy.stages[0]?.after.includes('approval') === true,
  );
}

/** A canary after which a webhook has to pass, and then a person. */
function checkedAndApproved() {
  const strategy = approvedCanary();
  const check = {
    kind: 'webhook',
    name: 'smoke',
    url: 'https://example.org/smoke',
    timeoutMs: 60_000,
    credential: undefined,
  } as const;
  return {
    ...strategy,
    stages: strategy.stages.map((stage, index) => (index === 0 ? { ...stage, checks: [check] } : stage)),
  };
}
