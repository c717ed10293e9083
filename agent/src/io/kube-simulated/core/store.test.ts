import { describe, expect, it } from 'vitest';
import { createStore } from './store.ts';

const kind = '/configmaps';
const named = (name: string, data = '1') => ({ metadata: { name, namespace: 'shop' }, data });

describe('object store', () => {
  it('gives every change its own version and remembers what was before', () => {
    const store = createStore(10);
    const first = store.version;
    const made = store.put(kind, named('a'));
    store.put(kind, named('a', '2'));
    store.remove(kind, store.get(kind, 'shop', 'a') ?? made);

    expect(store.changesAfter(first).map(({ type, version }) => [type, version - first])).toEqual([
      ['added', 1],
      ['modified', 2],
      ['deleted', 3],
    ]);
    expect(store.changesAfter(first)[1]?.previous).toEqual(made);
    expect(store.get(kind, 'shop', 'a')).toBeUndefined();
  });

  it('lists by name, one namespace or all', () => {
    const store = createStore(10);
    store.put(kind, named('b'));
    store.put(kind, named('a'));
    store.put(kind, { metadata: { name: 'c', namespace: 'bank' } });

    expect(store.list(kind).map(({ metadata }) => metadata)).toMatchObject([
      { name: 'c' },
      { name: 'a' },
      { name: 'b' },
    ]);
    expect(store.list(kind, 'shop')).toHaveLength(2);
    expect(store.list(kind, 'sho')).toHaveLength(0);
  });

  it('forgets old changes but never the newest ones it promised to keep', () => {
    const store = createStore(5);
    for (let number = 0; number < 100; number += 1) store.put(kind, named('a', String(number)));

    expect(store.changesAfter(store.version - 5)).toHaveLength(5);
    expect(store.version - store.oldestVersion).toBeLessThanOrEqual(10);
    expect(store.changesAfter(store.oldestVersion)).toHaveLength(store.version - store.oldestVersion);
  });

  it('forgets everything on demand', () => {
    const store = createStore(5);
    store.put(kind, named('a'));
    store.forgetHistory();

    expect(store.oldestVersion).toBe(store.version);
    expect(store.changesAfter(store.oldestVersion)).toEqual([]);
  });
});
