import type { Digest } from '@flotilla/shared/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSilenceDue, judgeTrial, resumeTrial } from './judge-trial.ts';
import type { Trial } from './trial.ts';

const [before, changed] = ['a'.repeat(64) as Digest, 'b'.repeat(64) as Digest];
const confirmMs = 1_000;

/** What may happen between two looks; times in tenths of the trial. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 400 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'hear' as const },
      { kind: 'apply' as const },
      { kind: 'die' as const },
    ),
  },
);

interface World {
  /** Of the world; each run of the program has its own zero. */
  nowMs: number;
  startedMs: number;
  sinceMs: number;
  heardAtMs: number | undefined;
  appliedAtMs: number | undefined;
  stored: Trial;
  trial: Trial;
  /** The truth that the program does not see as a whole. */
  aliveSilentMs: number;
}

function newWorld(): World {
  const trial: Trial = {
    version: { epoch: 1, seq: 1 },
    variantDigest: changed,
    previousDigest: before,
    confirmMs,
    silentMs: 0,
    isTakenBack: false,
  };
  return {
    nowMs: 0,
    startedMs: 0,
    sinceMs: 0,
    heardAtMs: undefined,
    appliedAtMs: undefined,
    stored: trial,
    trial,
    aliveSilentMs: 0,
  };
}

function judge(world: World) {
  const { trial, sinceMs, appliedAtMs, heardAtMs } = world;
  const row = { version: trial.version, digest: changed };
  const nowMs = world.nowMs - world.startedMs;
  return judgeTrial({ trial, row, sinceMs, appliedAtMs, heardAtMs, others: [], nowMs });
}

function live(world: World, event: { readonly kind: string; readonly ms?: number }): void {
  const here = () => world.nowMs - world.startedMs;
  if (event.kind === 'pass') {
    world.nowMs += event.ms ?? 0;
    world.aliveSilentMs += event.ms ?? 0;
  }
  if (event.kind === 'apply') world.appliedAtMs = here();
  if (event.kind === 'hear') {
    world.heardAtMs = here();
    world.aliveSilentMs = 0;
  }
  if (event.kind === 'die') {
    // The machine was off for a while: its clock begins anew, and what was not written down is lost.
    world.nowMs += 5_000;
    world.startedMs = world.nowMs;
    world.sinceMs = 0;
    world.heardAtMs = undefined;
    world.appliedAtMs = undefined;
    world.trial = resumeTrial(world.stored);
  }
}

it('a change is taken back only after as much silence as was agreed, lived through by a running agent', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (events) => {
      const world = newWorld();
      for (const event of events) {
        live(world, event);
        const verdict = judge(world);
        if (verdict.kind === 'take-back') {
          expect(world.aliveSilentMs).toBeGreaterThanOrEqual(confirmMs);
          return;
        }
        if (verdict.kind !== 'waiting') return;
        expect(verdict.silentMs).toBeLessThanOrEqual(world.aliveSilentMs);
        expect(verdict.wakeAtMs).toBeGreaterThan(world.nowMs - world.startedMs);
        if (isSilenceDue(world.stored, verdict.silentMs))
          world.stored = { ...world.stored, silentMs: verdict.silentMs };
      }
    }),
  );
});

it('confirmed means: heard after all was applied, in this run', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (events) => {
      const world = newWorld();
      for (const event of events) {
        live(world, event);
        if (judge(world).kind !== 'confirmed') continue;
        expect(world.heardAtMs).toBeGreaterThan(world.appliedAtMs ?? Number.POSITIVE_INFINITY);
        return;
      }
    }),
  );
});

it('one silence takes back one change: the newest, whatever the order of looks', () => {
  const order = fc.shuffledSubarray([1, 2, 3, 4], { minLength: 4 });
  fc.assert(
    fc.property(fc.array(order, { minLength: 1, maxLength: 6 }), (rounds) => {
      const trials = new Map(
        [1, 2, 3, 4].map((seq) => [seq, { ...newWorld().trial, version: { epoch: 1, seq } }]),
      );
      for (const seq of rounds.flat()) {
        const trial = trials.get(seq);
        if (trial === undefined) continue;
        const others = [...trials.values()].filter((one) => one !== trial);
        const row = { version: trial.version, digest: changed };
        const verdict = judgeTrial({
          trial,
          row,
          sinceMs: 0,
          appliedAtMs: 0,
          heardAtMs: undefined,
          others,
          nowMs: 9_000,
        });
        if (verdict.kind === 'take-back') trials.set(seq, { ...trial, isTakenBack: true });
        if (verdict.kind === 'over') trials.delete(seq);
      }
      const back = [...trials.values()].filter((one) => one.isTakenBack).map((one) => one.version.seq);
      expect(back.every((seq) => seq === 4)).toBe(true);
    }),
  );
});
