import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { deletesIn } from '../../../../test/real/control-plane/index.ts';
import { fieldAt } from '../../core/index.ts';
import {
  assignmentRef,
  configMap,
  eventually,
  hold,
  never,
  ref,
  removalFor,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';
import {
  admin,
  agent,
  agentUser,
  agentWrites,
  application,
  inNamespace,
  plane,
  slow,
  useListedPlane,
  world,
} from './listed-plane-fixture.ts';

useListedPlane();

describe('the engine on a real API server, when something must go or may not be', () => {
  it('prunes in order under preconditions, and removes the rest when withdrawn', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    const prune = { maxObjects: 20, maxPercent: 100 };
    await hold(
      here,
      rowFor(here, {
        placement: 'pruned',
        files: application('web:1'),
        render: { namespace: 'pruned' },
        prune,
      }),
    );
    await untilState(engine, 'pruned', 'Ready', slow);
    const sinceMs = Date.now();
    const smaller = rowFor(here, {
      placement: 'pruned',
      files: { 'config.yaml': configMap('settings', '1') },
      render: { namespace: 'pruned' },
      prune,
    });
    await hold(here, smaller);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === smaller.version.seq,
      'pruned',
      slow,
    );

    const deletes = deletesIn(await plane.audit(), { user: agentUser, namespace: 'pruned' });
    expect(deletes.map((event) => event.resource).sort()).toEqual([
      'daemonsets',
      'deployments',
      'ingresses',
      'jobs',
      'networkpolicies',
      'poddisruptionbudgets',
      'serviceaccounts',
      'services',
      'statefulsets',
    ]);
    expect(deletes.every((event) => event.status === 200)).toBe(true);

    await hold(here, removalFor('pruned'));
    await untilState(engine, 'pruned', 'Removed', slow);
    expect(await admin.get(inNamespace('pruned', ref('ConfigMap', 'settings')), never)).toBeUndefined();
    expect(await admin.get(assignmentRef('pruned'), never)).toBeUndefined();
    expect((await agentWrites(sinceMs)).at(-1)).toBe('delete assignments pruned');
  }, 60_000);

  it('names the right it lacks, and converges by itself when it is granted', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    const widgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions: [{name: v1, served: true, storage: true, subresources: {status: {}}, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}, status: {type: object}}}}}]
`;
    const files = {
      'crd.yaml': widgets,
      'w.yaml': 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 3}\n',
    };
    await hold(here, rowFor(here, { placement: 'widgets', files, render: { namespace: 'widgets' } }));

    const stalled = await untilState(engine, 'widgets', 'Stalled', slow);
    expect(stalled.text).toContain('{apiGroups: ["example.org"], resources: ["widgets"]');

    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'flotilla-agent-widgets' },
      rules: [{ apiGroups: ['example.org'], resources: ['widgets'], verbs: ['*'] }],
    };
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'flotilla-agent-widgets' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'flotilla-agent-widgets' },
      subjects: [{ kind: 'ServiceAccount', name: 'flotilla-agent', namespace: 'flotilla-system' }],
    };
    for (const object of [role, binding])
      await admin.create(object, { fieldManager: 'person', dryRun: false }, never);
    // No status is ever written for a Widget: it is taken as ready after the grace period.
    await untilState(engine, 'widgets', 'Ready', 45_000);
  }, 90_000);

  it('tells an unknown field and a missing namespace for what they are', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    await hold(
      here,
      rowFor(here, {
        placement: 'typo',
        files: { 'a.yaml': `${configMap('a', '1')}dato: {}\n` },
        render: { namespace: 'typo' },
      }),
      rowFor(here, {
        placement: 'homeless',
        files: { 'a.yaml': configMap('a', '1') },
        render: { namespace: 'nowhere' },
        apply: { createNamespace: false },
      }),
    );
    expect(await untilState(engine, 'typo', 'Stalled', slow)).toMatchObject({
      reason: 'ApplyInvalid',
      text: expect.stringContaining('dato'),
    });
    const waiting = await eventually(
      () => engine.reports().find((one) => one.placement === 'homeless'),
      (one) => one?.reason === 'NamespaceMissing',
      'a missing namespace',
    );
    expect(waiting?.state).toBe('Progressing');
  }, 60_000);

  it('takes over what is equal, and refuses what is not, naming the other manager', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    const create = (object: KubeObject) =>
      admin.create(object, { fieldManager: 'their-tool', dryRun: false }, never);
    await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'taken' } });
    for (const [name, value] of [
      ['same', '1'],
      ['other', 'theirs'],
    ] as const)
      await create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'taken' },
        data: { value },
      });
    await hold(
      here,
      rowFor(here, {
        placement: 'taken',
        files: { 'a.yaml': configMap('same', '1'), 'b.yaml': configMap('other', 'ours') },
        render: { namespace: 'taken' },
      }),
    );

    const stalled = await untilState(engine, 'taken', 'Stalled', slow);
    expect(stalled.text).toContain('their-tool');
    expect(stalled.counts).toMatchObject({ applied: 1 });
    expect(
      fieldAt(await admin.get(inNamespace('taken', ref('ConfigMap', 'other')), never), 'data', 'value'),
    ).toBe('theirs');
  }, 60_000);
});
