import { describe, expect, it } from 'vitest';
import {
  isAggregated,
  parseAggregated,
  parseCoreVersions,
  parseGroupVersions,
  parseResourceList,
} from './discovery-parse.ts';

function aggregated(version: object) {
  return {
    kind: 'APIGroupDiscoveryList',
    items: [{ metadata: { name: 'apps' }, versions: [{ version: 'v1', freshness: 'Current', ...version }] }],
  };
}

describe('aggregated discovery', () => {
  it('gives kind, scope, verbs and status', () => {
    const body = aggregated({
      resources: [
        {
          resource: 'deployments',
          responseKind: { kind: 'Deployment' },
          scope: 'Namespaced',
          verbs: ['get', 'list'],
          subresources: [{ subresource: 'status' }, { subresource: 'scale' }],
        },
        { resource: 'nodes', responseKind: { kind: 'Node' }, scope: 'Cluster', verbs: ['get'] },
      ],
    });

    expect(isAggregated(body)).toBe(true);
    expect(parseAggregated(body).resources).toEqual([
      {
        group: 'apps',
        version: 'v1',
        kind: 'Deployment',
        resource: 'deployments',
        isNamespaced: true,
        verbs: ['get', 'list'],
        hasStatus: true,
      },
      {
        group: 'apps',
        version: 'v1',
        kind: 'Node',
        resource: 'nodes',
        isNamespaced: false,
        verbs: ['get'],
        hasStatus: false,
      },
    ]);
  });

  it('reports a stale version as failed, because its kinds are unknown and not absent', () => {
    const { failedGroups } = parseAggregated(aggregated({ freshness: 'Stale' }));

    expect(failedGroups).toEqual([{ group: 'apps', version: 'v1', text: 'its API server did not answer' }]);
  });

  it('leaves out what only carries subresources', () => {
    const body = aggregated({ resources: [{ resource: 'x', responseKind: { kind: '' }, verbs: [] }] });

    expect(parseAggregated(body).resources).toEqual([]);
  });

  it('survives a body that is not as expected', () => {
    expect(parseAggregated({ kind: 'APIGroupDiscoveryList', items: [null, { versions: 'x' }] })).toEqual({
      resources: [],
      failedGroups: [],
    });
  });
});

describe('the older form of discovery', () => {
  it('asks for the preferred version of a group first', () => {
    const groups = [
      {
        name: 'autoscaling',
        versions: [{ version: 'v1' }, { version: 'v2' }],
        preferredVersion: { version: 'v2' },
      },
    ];

    expect(parseGroupVersions({ groups })).toEqual([
      { group: 'autoscaling', version: 'v2', path: '/apis/autoscaling/v2' },
      { group: 'autoscaling', version: 'v1', path: '/apis/autoscaling/v1' },
    ]);
    expect(parseCoreVersions({ versions: ['v1'] })).toEqual([{ group: '', version: 'v1', path: '/api/v1' }]);
  });

  it('folds subresources into their resource', () => {
    const resources = [
      { name: 'jobs', kind: 'Job', namespaced: true, verbs: ['get'] },
      { name: 'jobs/status', kind: 'Job', namespaced: true, verbs: ['get'] },
    ];

    expect(parseResourceList({ resources }, { group: 'batch', version: 'v1', path: '' })).toEqual([
      {
        group: 'batch',
        version: 'v1',
        kind: 'Job',
        resource: 'jobs',
        isNamespaced: true,
        verbs: ['get'],
        hasStatus: true,
      },
    ]);
  });
});
