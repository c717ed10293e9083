import { describe, expect, it } from 'vitest';
import { acceptOf, pathOf, withQuery } from './paths.ts';

describe('paths', () => {
  it('tell core and named groups apart', () => {
    const core = { group: '', version: 'v1', resource: 'pods', namespace: 'a', name: 'b' };

    expect(pathOf(core)).toBe('/api/v1/namespaces/a/pods/b');
    expect(pathOf({ ...core, group: 'apps', resource: 'deployments', subresource: 'status' })).toBe(
      '/apis/apps/v1/namespaces/a/deployments/b/status',
    );
    expect(pathOf({ ...core, namespace: undefined })).toBe('/api/v1/pods/b');
  });

  it('escape names and never change their case', () => {
    const target = {
      group: 'rbac.authorization.k8s.io',
      version: 'v1',
      resource: 'clusterRoles',
      namespace: undefined,
      name: 'system:Reader/x?y#z',
    };

    expect(pathOf(target)).toBe(
      '/apis/rbac.authorization.k8s.io/v1/clusterRoles/system%3AReader%2Fx%3Fy%23z',
    );
  });

  it('leave undefined parameters out', () => {
    expect(withQuery('/a', { b: undefined })).toBe('/a');
    expect(withQuery('/a', { b: 'c d', e: 'f=g' })).toBe('/a?b=c+d&e=f%3Dg');
  });

  it('ask for metadata with whole objects as the way out', () => {
    expect(acceptOf(true, 'list')).toBe(
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    );
    expect(acceptOf(undefined, 'object')).toBe('application/json');
  });
});
