import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applySetId,
  coversScope,
  equalScope,
  formatList,
  parseGroupKind,
  parseList,
  scopeOf,
  toolOf,
  unionScope,
} from './applyset.ts';

describe('applySetId', () => {
  it('gives the ids of the checked vectors of kubectl and kro', () => {
    expect(applySetId({ name: 'test-foo', namespace: 'test-ns', kind: 'Foo', group: 'foo.bar' })).toBe(
      'applyset-f9Rk5tKHoB72oV1tU2iFKxDwL8MBZTjMHFQ8V9WNNlA-v1',
    );
    expect(applySetId({ name: 'my-set', namespace: 'default', kind: 'Secret', group: '' })).toBe(
      'applyset-kdySOVBWs584aaOTmku9Ul1xDuN7LXBjs-R96jQcisk-v1',
    );
  });

  it('fits into a label for every parent', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (name, namespace) => {
        const id = applySetId({ name, namespace, kind: 'Assignment', group: 'flotilla.dev' });
        expect(id).toMatch(/^applyset-[A-Za-z0-9_-]{43}-v1$/);
      }),
    );
  });
});

describe('annotations', () => {
  it('are sorted, without repetition, and read back', () => {
    expect(formatList(['Service', 'Deployment.apps', 'Service'])).toBe('Deployment.apps,Service');
    expect(parseList('Deployment.apps,Service')).toEqual(['Deployment.apps', 'Service']);
    expect(parseList('')).toEqual([]);
    expect(parseList(undefined)).toEqual([]);
    expect(parseGroupKind('Deployment.apps')).toEqual({ group: 'apps', kind: 'Deployment' });
    expect(parseGroupKind('Widget.a.b.c')).toEqual({ group: 'a.b.c', kind: 'Widget' });
    expect(parseGroupKind('Secret')).toEqual({ group: '', kind: 'Secret' });
  });

  it('compare tools without their version', () => {
    expect(toolOf('flotilla/v0.1.0')).toBe('flotilla');
    expect(toolOf('configsync.gke.io/v1')).toBe('configsync.gke.io');
    expect(toolOf('bare')).toBe('bare');
  });
});

describe('scopes', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));
  const scopes = fc.record({ groupKinds: names, namespaces: names });

  it('are covered by every union they are part of', () => {
    fc.assert(
      fc.property(scopes, scopes, (left, right) => {
        const union = unionScope(left, right);
        expect(coversScope(union, left) && coversScope(union, right)).toBe(true);
        expect(equalScope(union, unionScope(right, left))).toBe(true);
      }),
    );
  });

  it('leave cluster-scoped members out of the namespaces', () => {
    const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: undefined, name: 'x' };
    expect(scopeOf([ref])).toEqual({ groupKinds: ['Namespace'], namespaces: [] });
  });
});
