import type { PlacementName } from '@flotilla/shared/base';
import type { IgnoreRule, KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { makeKindTable } from './kinds.ts';
import { type PlaceOptions, placeObjects } from './place-objects.ts';
import { formatProblem } from './source-object.ts';

const kind = (group: string, name: string, isNamespaced = true) => ({
  group,
  version: 'v1',
  kind: name,
  isNamespaced,
  hasStatus: false,
});
const kinds = makeKindTable({
  resources: [
    kind('', 'ConfigMap'),
    kind('', 'Secret'),
    kind('', 'Namespace', false),
    kind('apps', 'Deployment'),
    kind('autoscaling', 'HorizontalPodAutoscaler'),
    kind('rbac.authorization.k8s.io', 'ClusterRole', false),
    kind('apiextensions.k8s.io', 'CustomResourceDefinition', false),
  ],
  failedGroups: [{ group: 'down.example.org' }],
});

function place(objects: readonly KubeObject[], change: Partial<PlaceOptions> = {}) {
  const sources = objects.map((object, index) => ({
    object,
    origin: { path: 'a.yaml', document: index + 1 },
  }));
  return placeObjects(sources, {
    kinds,
    placement: 'shop' as PlacementName,
    setId: 'applyset-x-v1',
    owner: 'hub/cluster',
    namespace: 'shop',
    agentNamespace: 'flotilla-system',
    ignore: [],
    autoscaledElsewhere: new Set(),
    ...change,
  });
}

function make(apiVersion: string, name: string, rest: object = {}): KubeObject {
  const [version = '', objectKind = ''] = apiVersion.split(' ');
  const { metadata, ...fields } = rest as { metadata?: object };
  return { apiVersion: version, kind: objectKind, metadata: { name, ...metadata }, ...fields };
}

const payloadOf = (placing: ReturnType<typeof place>, index = 0) =>
  JSON.parse(placing.placed[index]!.payload) as KubeObject;

describe('placeObjects', () => {
  it('gives namespaced objects the namespace of the placement, and labels and marks members', () => {
    const placing = place([
      make('v1 ConfigMap', 'a', { metadata: { labels: { app: 'x' } } }),
      make('v1 ConfigMap', 'b', { metadata: { namespace: 'own' } }),
    ]);
    expect(placing.placed.map((one) => one.key)).toEqual(['ConfigMap/shop/a', 'ConfigMap/own/b']);
    expect(payloadOf(placing).metadata).toEqual({
      name: 'a',
      namespace: 'shop',
      labels: {
        app: 'x',
        'applyset.kubernetes.io/part-of': 'applyset-x-v1',
        'flotilla.dev/assignment': 'shop',
      },
      annotations: { 'flotilla.dev/owner': 'hub/cluster' },
    });
  });

  it('takes the namespace off cluster-scoped objects, as the server does', () => {
    const placing = place([
      make('rbac.authorization.k8s.io/v1 ClusterRole', 'r', { metadata: { namespace: 'x' } }),
    ]);
    expect(placing.placed[0]?.ref.namespace).toBeUndefined();
    expect(payloadOf(placing).metadata.namespace).toBeUndefined();
  });

  it('refuses an object without a namespace when the placement names none', () => {
    const { problems } = place([make('v1 ConfigMap', 'a')], { namespace: undefined });
    expect(problems.map(formatProblem)).toEqual([
      expect.stringMatching(/^a\.yaml:1: ConfigMap a names no namespace/),
    ]);
  });

  it.each([
    ['OwnNamespace', make('v1 ConfigMap', 'a', { metadata: { namespace: 'flotilla-system' } })],
    ['OwnNamespace', make('v1 Namespace', 'flotilla-system')],
    ['OwnObjects', make('flotilla.dev/v1alpha1 Assignment', 'shop')],
    ['OwnObjects', make('apiextensions.k8s.io/v1 CustomResourceDefinition', 'assignments.flotilla.dev')],
    [
      'ForeignSet',
      make('v1 ConfigMap', 'a', { metadata: { labels: { 'applyset.kubernetes.io/part-of': 'x' } } }),
    ],
    [
      'ForeignSet',
      make('v1 ConfigMap', 'a', { metadata: { annotations: { 'applyset.kubernetes.io/tooling': 'x' } } }),
    ],
    [
      'ForeignSet',
      make('v1 ConfigMap', 'a', { metadata: { labels: { 'flotilla.dev/assignment': 'other' } } }),
    ],
    ['ForeignSet', make('v1 ConfigMap', 'a', { metadata: { annotations: { 'flotilla.dev/owner': 'x/y' } } })],
  ])('refuses with %s', (code, object) => {
    expect(place([object]).problems).toMatchObject([{ code }]);
    expect(place([object]).placed).toEqual([]);
  });

  it('lets a definition be a parent type', () => {
    const definition = make('apiextensions.k8s.io/v1 CustomResourceDefinition', 'x.example.org', {
      metadata: { labels: { 'applyset.kubernetes.io/is-parent-type': 'true' } },
    });
    expect(place([definition]).problems).toEqual([]);
  });

  it('refuses the same object twice, naming both places', () => {
    const { problems } = place([
      make('v1 ConfigMap', 'a'),
      make('v1 ConfigMap', 'a', { metadata: { namespace: 'shop' } }),
    ]);
    expect(problems.map(formatProblem)).toEqual(['a.yaml:2: ConfigMap shop/a is also in a.yaml:1: keep one']);
  });

  it('keeps objects of unserved kinds for later, and knows whether the set defines them', () => {
    const definition = make('apiextensions.k8s.io/v1 CustomResourceDefinition', 'widgets.example.org', {
      spec: { group: 'example.org', names: { kind: 'Widget' } },
    });
    const placing = place([
      definition,
      make('example.org/v1 Widget', 'w'),
      make('down.example.org/v1 X', 'x'),
    ]);
    expect(placing.placed[0]?.definesKind).toEqual({ group: 'example.org', kind: 'Widget' });
    const old = place([{ ...make('v1 ConfigMap', 'a'), apiVersion: 'v1beta1' }]);
    expect(old.unplaced).toMatchObject([{ name: 'a', servedVersion: 'v1' }]);
    expect(placing.unplaced).toMatchObject([
      { name: 'w', isDefinedHere: true, isUnreadable: false },
      { name: 'x', isDefinedHere: false, isUnreadable: true },
    ]);
  });

  it('drops what only the server sets, and hashes what is sent', () => {
    const exported = {
      metadata: { uid: 'u', resourceVersion: '1', generation: 2, creationTimestamp: null, managedFields: [] },
    };
    const [one, other] = [place([make('v1 ConfigMap', 'a', exported)]), place([make('v1 ConfigMap', 'a')])];
    expect(one.placed[0]?.hash).toBe(other.placed[0]?.hash);
    expect(place([make('v1 ConfigMap', 'a', { data: { x: 'y' } })]).placed[0]?.hash).not.toBe(
      one.placed[0]?.hash,
    );
  });
});

describe('fields left to others', () => {
  const deployment = make('apps/v1 Deployment', 'web', { spec: { replicas: 3, paused: false } });
  const scaler = make('autoscaling/v1 HorizontalPodAutoscaler', 'web', {
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
  });

  it('are the replicas of what an autoscaler scales, in the set or outside', () => {
    for (const placing of [
      place([deployment, scaler]),
      place([deployment], { autoscaledElsewhere: new Set(['Deployment.apps/shop/web']) }),
    ]) {
      expect(placing.placed[0]?.leftToOthers).toEqual(['/spec/replicas']);
      expect(payloadOf(placing)['spec']).toEqual({ paused: false });
    }
    expect(payloadOf(place([deployment]))['spec']).toMatchObject({ replicas: 3 });
  });

  it('are the rules of an aggregated role', () => {
    const role = make('rbac.authorization.k8s.io/v1 ClusterRole', 'r', { aggregationRule: {}, rules: [] });
    expect(payloadOf(place([role]))['rules']).toBeUndefined();
  });

  it('are what ignore rules name, where they match', () => {
    const rule: IgnoreRule = { target: { kind: 'Deployment' }, pointers: ['/spec/paused', '/spec/absent'] };
    const placing = place([deployment, make('v1 ConfigMap', 'a', { spec: { paused: true } })], {
      ignore: [rule],
    });
    expect(placing.placed.map((one) => one.leftToOthers)).toEqual([['/spec/paused'], []]);
  });

  it('are never the identity of an object', () => {
    for (const pointer of ['/metadata/name', '/metadata', '', 'spec'])
      expect(place([deployment], { ignore: [{ target: {}, pointers: [pointer] }] }).problems).toMatchObject([
        { code: 'IgnoreBroken' },
      ]);
  });
});
