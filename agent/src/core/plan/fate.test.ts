import { describe, expect, it } from 'vitest';
import { type Fate, fateOf } from './fate.ts';
import { contentGoal, desire, inputOf, settled } from './plan-world-fixture.ts';

const web = desire('Widget', 'web');

/** What becomes of an owned object that cannot be read, by what discovery and a proof say of its kind. */
function fate(code: string, about: { readonly isUnserved?: boolean; readonly isGone?: boolean } = {}): Fate {
  const world = settled(web);
  const [[key, entry] = []] = world.inventory.entries;
  if (key === undefined || entry === undefined) throw new Error('the object is not owned');
  const { group, kind } = entry.ref;
  const groupKind = group === '' ? kind : `${kind}.${group}`;
  const input = inputOf(world, contentGoal([]));
  const reason = { code, text: 'cannot be read', subject: kind };
  return fateOf(entry, {
    ...input,
    live: new Map([[key, { kind: 'unreadable', reason, isFinal: true }]]),
    scope: { unread: [], unserved: new Set(about.isUnserved === true ? [groupKind] : []) },
    attempts: {
      ...input.attempts,
      gone: new Map(about.isGone === undefined ? [] : [[groupKind, about.isGone]]),
    },
  });
}

describe('an owned object that cannot be read', () => {
  it.each([
    ['its kind is not served by discovery', 'ApiUnavailable', { isUnserved: true }, 'ask'],
    ['a request learned that its kind is not served', 'KindNotServed', {}, 'ask'],
    ['its kind is proven gone', 'KindNotServed', { isGone: true }, 'over'],
    [
      'its kind is proven gone by discovery first',
      'ApiUnavailable',
      { isUnserved: true, isGone: true },
      'over',
    ],
    ['its API is away', 'ApiUnavailable', {}, 'unread'],
    ['its API is away, whatever was proven before', 'ApiUnavailable', { isGone: true }, 'unread'],
    [
      'its kind is not served and not proven gone',
      'KindNotServed',
      { isUnserved: true, isGone: false },
      'stuck',
    ],
  ] as const)('when %s', (_when, code, about, expected) => {
    expect(fate(code, about).kind).toBe(expected);
  });

  it('is a passing reason in every case: it may be read again any moment', () => {
    for (const found of [fate('ApiUnavailable'), fate('KindNotServed', { isUnserved: true, isGone: false })])
      expect(found).toMatchObject({ blocked: { isFinal: false } });
  });
});
