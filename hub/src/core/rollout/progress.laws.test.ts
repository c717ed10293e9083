import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeWave, overBudget } from './judge-wave.ts';
import { fewInTotal, growingWaves, history, holdsAlways, must, play } from './played-history-fixture.ts';
import { uidOf } from './samples-fixture.ts';
import { five, stableWorld } from './stable-world-fixture.ts';
import type { Rollout } from './state.ts';

const graceMs = 5 * 60_000;
/** Deadline of every variant of the worlds. */
const deadlineMs = 60_000;
const twelve = [...'bcdefghijklm'].map((letter) => `c${letter}`);

describe('rollouts', () => {
  it('I14: reach their last stage again and again, however fast people push, while clusters are well', () => {
    const pace = fc.array(fc.integer({ min: 1, max: 1_900 }), { minLength: 80, maxLength: 80 });
    fc.assert(
      fc.property(pace, (pauses) => {
        const world = stableWorld(five);
        let last = 0;
        for (const [push, pauseMs] of pauses.entries()) {
          world.push(`content ${push}`);
          world.settle();
          world.nowMs += pauseMs;
          for (const [uid, row] of world.state.rows) {
            const { name } = must(world.clusters.get(uid)).cluster;
            world.says(name, { healthyForMs: world.nowMs - row.issuedAtMs });
          }
          world.settle();
          const { length } = world.log;
          const reached = world.log
            .slice(last)
            .some(({ event: { payload } }) => payload.kind === 'wave-opened' && payload.stage === 1);
          if (reached) last = length;
        }
        const opened = world.log.filter(
          ({ event: { payload } }) => payload.kind === 'wave-opened' && payload.stage === 1,
        );
        // A canary soaks for two seconds: of all that time most rollouts that may end get to their end.
        const totalMs = pauses.reduce((sum, ms) => sum + ms, 0);
        expect(opened.length).toBeGreaterThan(totalMs / 2_000 / 8);
      }),
      { numRuns: 30 },
    );
  });

  it('I15: end although some clusters are offline, unless all that is left is, and those get the release when they are back', () => {
    const some = fc.uniqueArray(fc.constantFrom(...twelve), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 3 }), (names, wavesFirst) => {
        const world = stableWorld(twelve);
        world.strategy = growingWaves;
        world.push('two');
        world.settle();
        for (let wave = 0; wave < wavesFirst; wave += 1) {
          world.everybodyIsWell();
          world.settle();
        }
        // Who has its row already and falls silent counts as lost: another law.
        const isStarted = (name: string) =>
          world.state.rows.get(uidOf(name))?.rollout === world.state.active?.id;
        const away = names.filter((name) => !isStarted(name));
        for (const name of away) world.goOffline(name);
        for (let round = 0; round < 40 && world.state.active !== undefined; round += 1) {
          world.run();
          world.nowMs += deadlineMs + graceMs;
        }
        // Of what is left somebody may be needed for the samples of a wave: then all of it is away.
        const left = twelve.filter((name) => !isStarted(name) && !world.holding('two').includes(name));
        if (world.state.active !== undefined) expect(away).toEqual(expect.arrayContaining(left));
        for (const name of away) world.comeBack(name);
        world.run();
        expect(world.state.active).toBeUndefined();
        expect(world.holding('two')).toEqual([...twelve].sort());
      }),
      { numRuns: 60 },
    );
  });

  it('I15: take back who was away only as many at a time as a wave may have', () => {
    const max = { kind: 'count', count: 2 } as const;
    const inTwos = {
      ...growingWaves,
      minSamplesPercent: 10,
      stages: growingWaves.stages.map((stage) => ({ ...stage, waves: { start: max, growth: 1, max } })),
    };
    let returned = 0;
    fc.assert(
      fc.property(fc.shuffledSubarray([...twelve], { minLength: 4 }), fc.boolean(), (names, isAnswering) => {
        const world = stableWorld(twelve);
        world.strategy = inTwos;
        world.push('two');
        world.settle();
        const isStarted = (name: string) =>
          world.state.rows.get(uidOf(name))?.rollout === world.state.active?.id;
        const away = names.filter((name) => !isStarted(name));
        for (const name of away) world.goOffline(name);
        for (let wave = 0; wave < 3; wave += 1) {
          world.everybodyIsWell();
          world.settle();
        }
        for (const name of away) {
          world.comeBack(name);
          returned += world.settle().filter((kind) => kind === 'clusters-admitted').length;
          const moving = [...world.state.rows].filter(([uid, row]) => {
            const said = world.clusters.get(uid)?.report?.version.seq;
            return row.rollout === world.state.active?.id && said !== row.version.seq;
          });
          expect(moving.length).toBeLessThanOrEqual(max.count);
          if (isAnswering) world.everybodyIsWell();
        }
      }),
      { numRuns: 100 },
    );
    expect(returned).toBeGreaterThan(5);
  });

  it('I16: count a silent cluster as failed once its deadline and five minutes are over, and never before', () => {
    const silence = fc.record({
      quiet: fc.constantFrom(...five),
      lateMs: fc.constantFrom(0, 1, 60_000, graceMs),
      hubSinceMs: fc.constantFrom(0, 1_030_000, 1_200_000),
    });
    fc.assert(
      fc.property(silence, ({ quiet, lateMs, hubSinceMs }) => {
        const world = stableWorld(five);
        world.push('two');
        world.hubHealthySinceMs = hubSinceMs;
        world.settle();
        for (let wave = 0; wave < 2; wave += 1) {
          for (const name of five.filter((one) => one !== quiet)) {
            if (world.state.rows.get(uidOf(name))?.rollout === world.state.active?.id) world.says(name);
          }
          world.settle();
        }
        const row = must(world.state.rows.get(uidOf(quiet)));
        expect(row.rollout).toBe(world.state.active?.id);
        const dueMs = Math.max(row.issuedAtMs + deadlineMs, hubSinceMs) + graceMs;
        const isLost = () =>
          world.log.some(
            ({ event: { payload } }) => payload.kind === 'cluster-failed' && payload.failure === 'lost',
          );
        world.nowMs = dueMs - 1;
        world.settle();
        expect(isLost()).toBe(false);
        world.nowMs = dueMs + lateMs;
        world.settle();
        expect(isLost()).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('I16: hold silence against a cluster only when nobody else is to blame', () => {
    holdsAlways(({ before, payload, world }) => {
      if (payload.kind !== 'cluster-failed' || payload.failure !== 'lost') return;
      const row = must(before.rows.get(payload.cluster));
      const since = Math.max(row.issuedAtMs + deadlineMs, must(world.hubHealthySinceMs));
      expect(before.timeMs).toBeGreaterThanOrEqual(since + graceMs);
      expect(world.clusters.get(payload.cluster)?.isFresh && isHeard(world, payload.cluster, row)).toBe(
        false,
      );
    });
  });

  it('I17: pass and halt by what was planned, whoever joins and whatever becomes of them', () => {
    fc.assert(
      fc.property(
        history,
        fc.boolean(),
        fc.constantFrom(growingWaves, fewInTotal),
        (happenings, isFailing, strategy) => {
          const world = play(happenings, strategy);
          const rollout = world.state.active;
          fc.pre(rollout !== undefined);
          const without = withoutJoiners(rollout);
          const crowded = withJoiners(without, isFailing);
          const evidence = world.evidence();
          for (const other of [rollout, crowded]) {
            expect(overBudget(other)).toBe(overBudget(without));
            for (const index of without.plan.waves.keys()) {
              expect(judgeWave(world.state, other, evidence, index)).toEqual(
                judgeWave(world.state, without, evidence, index),
              );
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

function isHeard(
  world: ReturnType<typeof play>,
  uid: string,
  row: { readonly version: { seq: number } },
): boolean {
  return [...world.clusters].some(
    ([one, { report }]) => one === uid && report?.version.seq === row.version.seq,
  );
}

function withoutJoiners(rollout: Rollout): Rollout {
  return {
    ...rollout,
    clusters: new Map([...rollout.clusters].filter(([, { wave }]) => wave !== undefined)),
  };
}

/** The same with many clusters more that joined, and all of them well or all of them failed. */
function withJoiners(rollout: Rollout, isFailing: boolean): Rollout {
  const clusters = new Map(rollout.clusters);
  const phase = isFailing
    ? ({ kind: 'failed', failure: 'health', text: '' } as const)
    : ({ kind: 'ready' } as const);
  const [some] = rollout.clusters.values();
  for (const letter of 'bcdefghijklmnopqrstuvwxyz')
    if (some) clusters.set(uidOf(`joined-${letter}`), { ...some, wave: undefined, phase });
  return { ...rollout, clusters };
}
