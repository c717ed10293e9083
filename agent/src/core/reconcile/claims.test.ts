import type { PlacementName } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { claimOn } from './claims.ts';
import { rowOf as given, type RowGiven } from './hold-deletes-fixture.ts';

const [shop, cart, till] = ['shop', 'cart', 'till'] as PlacementName[];

type Wish = Omit<RowGiven, 'placement'> & { readonly ageSeq?: number };

function rowOf(placement: string, { ageSeq, ...wish }: Wish = {}): Row {
  const row = given({ placement, ...wish });
  return row.kind === 'removal' ? row : { ...row, placementAgeSeq: ageSeq };
}

/** What shop may have of an object that it and the others want. */
function claimOf(own: Wish, others: { readonly [name: string]: Wish }, owner?: string) {
  const rows = [rowOf('shop', own), ...Object.entries(others).map(([name, wish]) => rowOf(name, wish))];
  return claimOn(shop!, { rows, owner, isLeft: owner === 'left' });
}

describe('whose an object is that several assignments want', () => {
  it('is no question when nobody else wants it', () => {
    expect(claimOf({}, {})).toBeUndefined();
    expect(claimOf({}, { cart: { isRemoval: true } })).toBeUndefined();
    expect(claimOf({}, { cart: { isSuspended: true } })).toBeUndefined();
  });

  it.each([
    ['a higher priority', { priority: 1 }, { cart: { priority: 2 } }, 'shop', cart, 'has priority 2, over 1'],
    ['who has it', { ageSeq: 1 }, { cart: { ageSeq: 9 } }, 'cart', cart, 'which has it already'],
    ['the older', { ageSeq: 9 }, { cart: { ageSeq: 1 } }, undefined, cart, 'which is older'],
    ['who has an age', {}, { cart: { ageSeq: 1 } }, undefined, cart, 'which is older'],
    ['the name', {}, { cart: {} }, undefined, cart, 'which comes first'],
    [
      'who takes over',
      { priority: 9 },
      { till: { takeOverFrom: 'shop' } },
      'shop',
      till,
      'takes over from this one',
    ],
    ['oneself, by priority', { priority: 2 }, { cart: { priority: 1 } }, 'cart', shop, ''],
    ['oneself, by taking over', { takeOverFrom: 'cart' }, { cart: { priority: 9 } }, 'cart', shop, ''],
    [
      'a suspended one that has it',
      { priority: 9 },
      { till: { isSuspended: true } },
      'till',
      till,
      'which has it and is suspended',
    ],
    ['a suspended one itself', { isSuspended: true }, { cart: { priority: 9 } }, 'shop', shop, ''],
    [
      'who takes over from a suspended one by name',
      { isSuspended: true, priority: 9 },
      { till: { takeOverFrom: 'shop' } },
      'shop',
      till,
      'takes over from this one',
    ],
    [
      'a suspended one that names who names it',
      { takeOverFrom: 'till', priority: 9 },
      { till: { isSuspended: true, takeOverFrom: 'shop' } },
      'till',
      till,
      'which has it and is suspended',
    ],
  ] as const)('goes to %s', (...[, own, others, owner, winner, why]) => {
    const claim = claimOf(own, others, owner);
    expect(claim).toMatchObject({ winner, rivals: Object.keys(others) });
    expect(claim?.why).toContain(why);
  });

  it('counts as had by whoever takes over from who has it, also over several steps', () => {
    const others = { cart: { takeOverFrom: 'old' }, old: { takeOverFrom: 'older' }, older: {} };
    expect(claimOf({ ageSeq: 1 }, others, 'older')?.winner).toBe(cart);
    expect(claimOf({ ageSeq: 1, priority: 1 }, others, 'older')?.winner).toBe(shop);
  });

  it('tells the one that loses what made it lose', () => {
    const chain = { cart: { takeOverFrom: 'shop' }, till: { takeOverFrom: 'cart' } };
    expect(claimOf({ priority: 9 }, chain, 'shop')).toMatchObject({
      winner: till,
      why: 'and assignment cart takes over from this one',
    });
    const heir = { cart: { ageSeq: 5 }, till: { takeOverFrom: 'cart', ageSeq: 9 } };
    expect(claimOf({ ageSeq: 1 }, heir, 'cart')).toMatchObject({
      winner: till,
      why: 'which takes over from who has it',
    });
  });

  it('goes from a suspended one only to whoever names it, and not on to others for that', () => {
    const others = { cart: { isSuspended: true }, till: { takeOverFrom: 'cart' } };
    const lost = { winner: till, why: 'which takes over from who has it' };
    expect(claimOf({ priority: 9 }, others, 'cart')).toMatchObject(lost);
    expect(claimOf({ takeOverFrom: 'till' }, others, 'cart')).toMatchObject(lost);
  });

  it('may be taken from one that has it and does not want it any more', () => {
    expect(claimOf({}, {}, 'left')).toEqual({ winner: shop, rivals: ['left'], why: '' });
    expect(claimOf({}, { cart: { priority: 1 } }, 'left')).toMatchObject({
      winner: cart,
      rivals: ['cart', 'left'],
    });
  });

  it('is decided as if nobody took over from anybody where they do so in a circle', () => {
    const claim = claimOf(
      { takeOverFrom: 'cart', ageSeq: 2 },
      { cart: { takeOverFrom: 'shop', ageSeq: 1 } },
      'shop',
    );
    expect(claim?.winner).toBe(shop);
  });
});
