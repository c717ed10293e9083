import { describe, expect, it } from 'vitest';
import type { LiveObject } from '../../core/index.ts';
import { FeedCache, type FeedChange } from './feed-cache.ts';

const live = (name: string, change: Partial<LiveObject> = {}): LiveObject => ({
  ref: { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
  key: `ConfigMap/shop/${name}`,
  uid: `uid-${name}`,
  resourceVersion: '10',
  assignment: 'shop',
  partOf: 'set',
  owner: 'hub/cluster',
  ownedFields: 'fields',
  isDeleting: false,
  isKept: false,
  controller: undefined,
  body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } },
  isWhole: false,
  ...change,
});

function open() {
  const changes: FeedChange[] = [];
  let nowMs = 0;
  const cache = new FeedCache(
    () => nowMs,
    (change) => changes.push(change),
  );
  return {
    cache,
    changes,
    at: (ms: number) => (nowMs = ms),
    version: (key: string) => cache.objects.get(key)?.live.resourceVersion,
  };
}

describe('FeedCache', () => {
  it('keeps the newer state, whichever way it came first', () => {
    const { cache, version } = open();
    cache.put(live('a', { resourceVersion: '12' }));
    cache.put(live('a', { resourceVersion: '9' }));
    expect(version('ConfigMap/shop/a')).toBe('12');
    cache.put(live('a', { resourceVersion: '100' }));
    expect(version('ConfigMap/shop/a')).toBe('100');
  });

  it('tells each change once: an own write and its watch event are one', () => {
    const { cache, changes } = open();
    cache.put(live('a'));
    cache.put(live('a'));
    expect(changes).toHaveLength(1);
  });

  it('ignores a goodbye that is older than what is known: it was applied again', () => {
    const { cache } = open();
    cache.put(live('a', { resourceVersion: '12' }));
    cache.leave(live('a', { resourceVersion: '11' }));
    cache.leave(live('a', { uid: 'another', resourceVersion: '99' }));
    expect(cache.objects.size).toBe(1);
    cache.leave(live('a', { resourceVersion: '13' }));
    expect(cache.objects.size).toBe(0);
  });

  it('counts the age of an object from its uid’s first sighting, and of a deletion from the first sign', () => {
    const { cache, at } = open();
    cache.put(live('a'));
    at(5);
    cache.put(live('a', { resourceVersion: '11' }));
    cache.markDeleting('ConfigMap/shop/a', 'uid-a');
    at(9);
    cache.put(live('a', { resourceVersion: '12', isDeleting: true }));
    expect(cache.objects.get('ConfigMap/shop/a')).toMatchObject({ seenAtMs: 0, deletingSinceMs: 5 });
    cache.put(live('a', { uid: 'new', resourceVersion: '13' }));
    expect(cache.objects.get('ConfigMap/shop/a')).toMatchObject({ seenAtMs: 9, deletingSinceMs: undefined });
  });

  it('drops what a list does not show, and sees whether a list tells anything new', () => {
    const { cache, changes } = open();
    cache.replace([live('a'), live('b')]);
    expect(cache.isSameAs([live('b'), live('a')])).toBe(true);
    expect(cache.isSameAs([live('a')])).toBe(false);
    expect(cache.isSameAs([live('a'), live('b', { resourceVersion: '11' })])).toBe(false);
    changes.length = 0;
    cache.replace([live('b')]);
    expect(changes).toMatchObject([{ before: { key: 'ConfigMap/shop/a' }, after: undefined }]);
  });
});
