import type { PlacementName } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { BudgetWaiters } from './budget-waiters.ts';

const shop = 'shop' as PlacementName;
const web = 'web' as PlacementName;

describe('placements that wait for the budget', () => {
  it('are woken once for all that happens until one of them looks', () => {
    const waiting = new BudgetWaiters();
    waiting.set(shop, true);
    waiting.set(web, true);
    expect([...waiting.news()]).toEqual([shop, web]);
    expect([...waiting.news()]).toEqual([]);

    waiting.looks();
    expect([...waiting.news()]).toEqual([shop, web]);
  });

  it('who begins to wait is woken by the next news, although the others are awake', () => {
    const waiting = new BudgetWaiters();
    waiting.set(shop, true);
    waiting.news();
    waiting.set(web, true);
    expect([...waiting.news()]).toContain(web);
  });

  it('who waits no longer is left alone', () => {
    const waiting = new BudgetWaiters();
    waiting.set(shop, true);
    waiting.set(shop, false);
    expect([...waiting.news()]).toEqual([]);
  });
});
