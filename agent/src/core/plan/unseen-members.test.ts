import { describe, expect, it } from 'vitest';
import { withEntries } from '../inventory/index.ts';
import { deleteAttempt, noAttempts } from './attempts.ts';
import type { ScopeSight } from './goal.ts';
import {
  contentGoal,
  desire,
  emptyWorld,
  fail,
  kindsOf,
  noAnswer,
  type PlanWorld,
  settle,
  settled,
} from './plan-world-fixture.ts';

const key = desire('Secret', 'key');
const unread: ScopeSight = { unread: [{ groupKind: 'Secret', reason: noAnswer }], unserved: new Set() };
const readable: ScopeSight = { unread: [], unserved: new Set() };
const gone: ScopeSight = { unread: [], unserved: new Set(['Secret']) };
const removal = { kind: 'removal', mode: 'prune' } as const;
const keep = desire('ConfigMap', 'keep');

/** After a crash before a journal write: the parent names a kind of which the journal knows no object. */
function crashed(scope: ScopeSight, ...known: ReturnType<typeof desire>[]): PlanWorld {
  const world = settled(...known, key);
  world.inventory = withEntries(world.inventory, [], [key.key]);
  world.persisted = world.inventory;
  world.scope = scope;
  return world;
}

describe('members that no journal knows', () => {
  it.each(['prune', 'orphan'] as const)(
    'keep a set from being forgotten while their kind cannot be read (%s)',
    (mode) => {
      const world = crashed(unread, keep);
      const plan = settle(world, { kind: 'removal', mode });
      expect(plan).toMatchObject({
        settled: false,
        recheckAfterMs: 10_000,
        blocked: [{ code: 'ApiUnavailable', subject: 'Secret', isFinal: false }],
      });
      expect(plan.blocked[0]?.text).toContain('kind Secret cannot be read');
      expect(kindsOf(world)).not.toContain('forget-assignment');
      expect(world.inventory.parentScope?.groupKinds).toContain('Secret');

      world.scope = readable;
      expect(settle(world, { kind: 'removal', mode })).toMatchObject({ settled: true, blocked: [] });
      expect(kindsOf(world).at(-1)).toBe('forget-assignment');
    },
  );

  it('keep the parent wide, and the content from being done, while their kind cannot be read', () => {
    const world = crashed(unread, keep);
    const plan = settle(world, contentGoal([keep]));
    expect(plan).toMatchObject({
      settled: false,
      isApplied: true,
      recheckAfterMs: 10_000,
      blocked: [{ code: 'ApiUnavailable', subject: 'Secret', isFinal: false }],
    });
    expect(world.inventory.parentScope?.groupKinds).toEqual(['ConfigMap', 'Secret']);

    world.scope = readable;
    expect(settle(world, contentGoal([keep]))).toMatchObject({ settled: true, blocked: [] });
    expect(world.inventory.parentScope?.groupKinds).toEqual(['ConfigMap']);
  });

  it('are not lost when the parent has to name more in the meantime', () => {
    const world = crashed(unread, keep);
    settle(world, contentGoal([keep, desire('Service', 'web')]));
    expect(world.inventory.parentScope?.groupKinds).toEqual(['ConfigMap', 'Secret', 'Service']);
  });

  it('hold back deletes that a budget could not count', () => {
    const world = crashed(unread, keep, desire('ConfigMap', 'old'));
    const plan = settle(world, contentGoal([keep]));
    expect(kindsOf(world)).not.toContain('delete');
    expect(plan.blocked[0]?.text).toContain('kind Secret cannot be read');

    world.scope = readable;
    expect(settle(world, contentGoal([keep])).settled).toBe(true);
    expect(world.live.has('ConfigMap/shop/old')).toBe(false);
  });

  it('cannot be of a kind that is not served: discovery is asked once more, then the parent lets it go', () => {
    const world = crashed(gone, keep);
    expect(settle(world, contentGoal([keep])).settled).toBe(true);
    expect(kindsOf(world)).toEqual(['rediscover', 'write-parent', 'write-journal']);
    expect(world.inventory.parentScope?.groupKinds).toEqual(['ConfigMap']);
  });

  it('cannot be of a kind that is not served: the set is forgotten', () => {
    const world = crashed(gone, keep);
    expect(settle(world, removal).settled).toBe(true);
    expect(kindsOf(world).slice(-2)).toEqual(['rediscover', 'forget-assignment']);
  });
});

describe('known leftovers that cannot be read', () => {
  it('keep a content from being done, and go when they can be read', () => {
    const world = settled(keep, key);
    world.unreadable.add(key.key);
    expect(settle(world, contentGoal([keep]))).toMatchObject({
      settled: false,
      isApplied: true,
      pruning: 1,
      recheckAfterMs: 10_000,
      blocked: [{ code: 'ApiUnavailable', ref: { kind: 'Secret' } }],
    });
    world.unreadable.clear();
    expect(settle(world, contentGoal([keep])).settled).toBe(true);
    expect(world.live.has(key.key)).toBe(false);
  });

  it('stay tracked without being waited for while it is not certain that their kind is gone', () => {
    const world = settled(keep, key);
    world.unreadable.add(key.key);
    world.scope = gone;
    expect(settle(world, contentGoal([keep]))).toMatchObject({ settled: true, pruning: 0 });
    expect(world.inventory.entries.has(key.key)).toBe(true);
    expect(world.inventory.parentScope?.groupKinds).toContain('Secret');
  });

  it('are over when their kind is gone for sure', () => {
    const world = settled(keep, key);
    world.unreadable.add(key.key);
    world.scope = gone;
    world.goneKinds.add('Secret');
    expect(settle(world, contentGoal([keep]))).toMatchObject({ settled: true, pruning: 0, blocked: [] });
    expect([...world.inventory.entries.keys()]).toEqual([keep.key]);
    expect(world.inventory.parentScope?.groupKinds).toEqual(['ConfigMap']);
  });

  it.each(['prune', 'orphan'] as const)(
    'let a removal end only when their kind is gone for sure (%s)',
    (mode) => {
      const world = settled(keep, key);
      world.unreadable.add(key.key);
      world.scope = gone;
      expect(settle(world, { kind: 'removal', mode })).toMatchObject({
        settled: false,
        recheckAfterMs: 10_000,
        blocked: [{ text: expect.stringContaining('not certain that it is gone'), ref: { name: 'key' } }],
      });
      expect(kindsOf(world)).not.toContain('forget-assignment');

      world.attempts = noAttempts;
      world.goneKinds.add('Secret');
      expect(settle(world, { kind: 'removal', mode }).settled).toBe(true);
      expect(kindsOf(world).at(-1)).toBe('forget-assignment');
    },
  );

  it('are over with their kind although a watch still shows them', () => {
    const world = settled(keep, key);
    const attempt = { key: key.key, hash: deleteAttempt };
    fail(world, attempt, 'passing', 'KindNotServed');
    expect(settle(world, removal)).toMatchObject({ settled: false, recheckAfterMs: 10_000 });
    expect(kindsOf(world)).toContain('prove-gone');
    expect(world.inventory.entries.has(key.key)).toBe(true);

    fail(world, attempt, 'passing', 'KindNotServed');
    world.attempts = { ...world.attempts, gone: new Map() };
    world.goneKinds.add('Secret');
    expect(settle(world, removal)).toMatchObject({ settled: true, pruning: 0 });
    expect(world.done.filter((one) => one.kind === 'delete').map((one) => one.key)).toEqual([keep.key]);
  });

  it('are not asked after while their group cannot be read', () => {
    const world = settled(keep, key);
    world.unreadable.add(key.key);
    world.goneKinds.add('Secret');
    expect(settle(world, removal).settled).toBe(false);
    expect(kindsOf(world)).not.toContain('prove-gone');
    expect(world.inventory.entries.has(key.key)).toBe(true);
  });
});

describe('the superset on the parent', () => {
  it('leaves out what cannot be applied because it cannot be read', () => {
    const world = emptyWorld();
    world.unreadable.add(key.key);
    const unplaced = {
      kind: { group: 'example.org', version: 'v1', kind: 'Widget' },
      name: 'w',
      isDefinedHere: true,
      isUnreadable: true,
      servedVersion: undefined,
    };
    settle(world, { ...contentGoal([keep, key]), unplaced: [unplaced] });
    expect(kindsOf(world)).toContain('apply');
    expect(world.inventory.parentScope?.groupKinds).toEqual(['ConfigMap']);
  });
});
