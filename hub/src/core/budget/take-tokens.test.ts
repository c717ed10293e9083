import type { ClusterUid, PlacementName, RolloutId } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { emptyBudget, type FleetBudget, foldBudget } from './fleet-budget.ts';
import { type BudgetView, takeTokens } from './take-tokens.ts';

const shop = { placement: 'shop' as PlacementName, rollout: 'shop-1' as RolloutId, isExempt: false };
const net = { placement: 'net' as PlacementName, rollout: 'net-1' as RolloutId, isExempt: false };
const uids = (...names: readonly string[]) => names as readonly ClusterUid[];

function after(view: BudgetView, wanted: Parameters<typeof takeTokens>[1]): FleetBudget {
  const { decision } = takeTokens(view, wanted);
  if (decision === undefined) throw new Error('nobody was granted');
  return foldBudget(view.budget, { seq: view.budget.lastSeq + 1, payload: decision });
}

describe('takeTokens', () => {
  const caps = { max: 2, perClusterMax: 1 };
  const nobodyIsOver = () => false;

  it('grants the first ones in order as far as the cap goes, and says what it kept to', () => {
    const taken = takeTokens(
      { budget: emptyBudget, caps, isOver: nobodyIsOver },
      { ...shop, clusters: uids('b', 'a', 'c') },
    );
    expect(taken.granted).toEqual(['b', 'a']);
    expect(taken.held).toEqual(['c']);
    expect(taken.decision).toMatchObject({
      takes: { clusters: ['b', 'a'] },
      frees: [],
      max: 2,
      perClusterMax: 1,
    });
  });

  it('decides nothing when nobody may start', () => {
    const budget = after(
      { budget: emptyBudget, caps, isOver: nobodyIsOver },
      { ...shop, clusters: uids('a', 'b') },
    );
    const taken = takeTokens({ budget, caps, isOver: nobodyIsOver }, { ...net, clusters: uids('c') });
    expect(taken).toEqual({ granted: [], held: ['c'], decision: undefined });
  });

  it('frees what has ended for others, too: all of it when it needs the room, else the oldest', () => {
    const budget = after(
      { budget: emptyBudget, caps, isOver: nobodyIsOver },
      { ...shop, clusters: uids('a', 'b') },
    );
    const isOver = () => true;
    const frees = [{ placement: 'shop', rollout: 'shop-1', clusters: ['a', 'b'] }];
    const taken = takeTokens({ budget, caps, isOver }, { ...net, clusters: uids('c') });
    expect(taken.decision?.frees).toEqual(frees);
    const roomy = { max: 3, perClusterMax: 1 };
    expect(
      takeTokens({ budget, caps: roomy, isOver }, { ...net, clusters: uids('c') }).decision?.frees,
    ).toEqual(frees);
  });

  it('asks about few tokens of others where there is room, whoever counts already', () => {
    const roomy = { max: 100, perClusterMax: 100 };
    let budget = emptyBudget;
    for (let number = 1; number <= 50; number += 1) {
      const others = { placement: `p${number}` as PlacementName, rollout: `p${number}-1` as RolloutId };
      const wanted = { ...others, isExempt: false, clusters: uids('a', 'b', 'c') };
      budget = after({ budget, caps: roomy, isOver: nobodyIsOver }, wanted);
    }
    let asked = 0;
    const isOver = () => {
      asked += 1;
      return false;
    };
    const taken = takeTokens({ budget, caps: roomy, isOver }, { ...net, clusters: uids('a', 'b', 'c') });
    expect(taken.granted).toEqual(['a', 'b', 'c']);
    expect(asked).toBe(6);
  });

  it('lets nobody start on the token of something that has ended, beyond the cap', () => {
    const rollback = { ...shop, isExempt: true };
    const budget = after(
      { budget: emptyBudget, caps, isOver: nobodyIsOver },
      { ...rollback, clusters: uids('a', 'b', 'c') },
    );
    const roomy = { max: 2, perClusterMax: 3 };
    const wanted = { ...net, clusters: uids('a', 'b', 'c') };
    const taken = takeTokens({ budget, caps: roomy, isOver: () => true }, wanted);
    expect(taken).toMatchObject({ granted: ['a', 'b'], held: ['c'] });
  });

  it('lets one cluster change for so many placements only, and counts such a cluster once', () => {
    const both = { max: 1, perClusterMax: 2 };
    const budget = after(
      { budget: emptyBudget, caps: both, isOver: nobodyIsOver },
      { ...shop, clusters: uids('a') },
    );
    const second = takeTokens(
      { budget, caps: both, isOver: nobodyIsOver },
      { ...net, clusters: uids('a', 'b') },
    );
    expect(second).toMatchObject({ granted: ['a'], held: ['b'] });
    const third = takeTokens({ budget, caps, isOver: nobodyIsOver }, { ...net, clusters: uids('a') });
    expect(third.held).toEqual(['a']);
  });

  it('holds everybody but a rollback while the policy is not known', () => {
    const view = { budget: emptyBudget, caps: undefined, isOver: nobodyIsOver };
    expect(takeTokens(view, { ...shop, clusters: uids('a') }).held).toEqual(['a']);
    expect(takeTokens(view, { ...shop, isExempt: true, clusters: uids('a') }).granted).toEqual(['a']);
  });

  it('lets a rollback take more than the cap', () => {
    const taken = takeTokens(
      { budget: emptyBudget, caps, isOver: nobodyIsOver },
      { ...shop, isExempt: true, clusters: uids('a', 'b', 'c') },
    );
    expect(taken.granted).toEqual(['a', 'b', 'c']);
  });
});

it('an event of the budget that was folded already changes nothing', () => {
  const view = { budget: emptyBudget, caps: { max: 2, perClusterMax: 1 }, isOver: () => false };
  const budget = after(view, { ...shop, clusters: uids('a') });
  const payload = {
    kind: 'budget-changed',
    takes: { ...net, clusters: uids('b') },
    frees: [],
    max: 2,
    perClusterMax: 1,
  } as const;
  expect(foldBudget(budget, { seq: budget.lastSeq, payload })).toBe(budget);
});
