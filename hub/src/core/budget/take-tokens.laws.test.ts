import type { ClusterUid, PlacementName, RolloutId } from '@flotilla/shared/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyBudget, type FleetBudget, foldBudget } from './fleet-budget.ts';
import { type BudgetView, type Token, takeTokens } from './take-tokens.ts';

const placements = ['shop', 'net', 'auth', 'log'] as PlacementName[];
const clusters = Array.from({ length: 12 }, (_, index) => `c${'abcdefghijkl'[index]}` as ClusterUid);

const step = fc.record({
  placement: fc.constantFrom(...placements),
  number: fc.integer({ min: 1, max: 3 }),
  wanted: fc.uniqueArray(fc.constantFrom(...clusters), { minLength: 1, maxLength: 12 }),
  isExempt: fc.boolean(),
  over: fc.uniqueArray(fc.constantFrom(...clusters), { maxLength: 12 }),
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays steps; `check` sees the budget before and after each and what was taken. */
function play(
  steps: readonly Step[],
  caps: NonNullable<BudgetView['caps']>,
  check: (seen: {
    before: FleetBudget;
    after: FleetBudget;
    step: Step;
    granted: readonly ClusterUid[];
    over: (token: Token) => boolean;
  }) => void,
): void {
  let budget = emptyBudget;
  for (const one of steps) {
    const over = (token: Token) => one.over.includes(token.cluster);
    const rollout = `${one.placement}-${one.number}` as RolloutId;
    const { placement, wanted, isExempt } = one;
    const taken = takeTokens(
      { budget, caps, isOver: over },
      { placement, rollout, clusters: wanted, isExempt },
    );
    expect([...taken.granted, ...taken.held].toSorted()).toEqual(wanted.toSorted());
    const before = budget;
    if (taken.decision !== undefined)
      budget = foldBudget(budget, { seq: budget.lastSeq + 1, payload: taken.decision });
    check({ before, after: budget, step: one, granted: taken.granted, over });
  }
}

const capsOf = fc.record({
  max: fc.integer({ min: 1, max: 8 }),
  perClusterMax: fc.integer({ min: 1, max: 3 }),
});

describe('I2: clusters that change at once', () => {
  it('are never more than the caps allow, whatever is asked in whatever order, but by rollbacks', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), capsOf, (steps, caps) => {
        const bound = steps.map((one) => ({ ...one, isExempt: false }));
        play(bound, caps, ({ after }) => {
          expect(after.changing.size).toBeLessThanOrEqual(caps.max);
          expect(Math.max(0, ...placementsOn(after).values())).toBeLessThanOrEqual(caps.perClusterMax);
        });
      }),
    );
  });

  it('are granted everything to a rollback, and what a rollback took counts for the others', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), capsOf, (steps, caps) => {
        play(steps, caps, ({ before, after, step: one, granted }) => {
          if (one.isExempt) expect(granted).toEqual(one.wanted);
          else expect(after.changing.size).toBeLessThanOrEqual(Math.max(caps.max, before.changing.size));
        });
      }),
    );
  });

  it('are only fewer by those that have ended changing, or got something newer of the same placement', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), capsOf, (steps, caps) => {
        play(steps, caps, ({ before, after, granted, over, step: { placement: changed } }) => {
          for (const [rollout, { clusters: held, placement }] of before.held) {
            for (const cluster of held) {
              const isHeld = after.held.get(rollout)?.clusters.has(cluster) ?? false;
              const isReplaced = placement === changed && granted.includes(cluster);
              expect(isHeld || isReplaced || over({ placement, rollout, cluster })).toBe(true);
            }
          }
        });
      }),
    );
  });

  it('leave nobody waiting while there is room', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), capsOf, (steps, caps) => {
        play(steps, caps, ({ before, after, step: one, granted, over }) => {
          const left = one.wanted.filter((uid) => !granted.includes(uid));
          if (left.length === 0) return;
          // Nobody who could have been freed was left in, and nobody of the rest fits.
          const changing = granted.length > 0 ? after.changing : liveOf(before, over);
          for (const uid of left) {
            const all = changing.get(uid) ?? 0;
            expect(all >= caps.perClusterMax || (all === 0 && changing.size >= caps.max)).toBe(true);
          }
        });
      }),
    );
  });

  it('are counted from what each rollout holds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), capsOf, (steps, caps) => {
        play(steps, caps, ({ after }) => {
          const counted = new Map<ClusterUid, number>();
          for (const { clusters: held } of after.held.values())
            for (const uid of held) counted.set(uid, (counted.get(uid) ?? 0) + 1);
          expect([...after.changing].toSorted()).toEqual([...counted].toSorted());
        });
      }),
    );
  });
});

/** How many placements change each cluster. */
function placementsOn({ held }: FleetBudget): ReadonlyMap<ClusterUid, number> {
  const pairs = new Set<string>();
  for (const { clusters: on, placement } of held.values())
    for (const uid of on) pairs.add(`${uid} ${placement}`);
  const counted = new Map<ClusterUid, number>();
  for (const pair of pairs) {
    const uid = pair.slice(0, pair.indexOf(' ')) as ClusterUid;
    counted.set(uid, (counted.get(uid) ?? 0) + 1);
  }
  return counted;
}

/** The counts once everybody who has ended is freed. */
function liveOf(budget: FleetBudget, over: (token: Token) => boolean): ReadonlyMap<ClusterUid, number> {
  const counted = new Map<ClusterUid, number>();
  for (const [rollout, { clusters: held, placement }] of budget.held) {
    for (const cluster of held) {
      if (!over({ placement, rollout, cluster })) counted.set(cluster, (counted.get(cluster) ?? 0) + 1);
    }
  }
  return counted;
}
