import { describe, expect, it } from 'vitest';
import { fieldAt } from '../../core/index.ts';
import {
  assignmentRef,
  configMap,
  edit,
  eventually,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  startIn,
  two,
  untilState,
  writesOf,
} from './engine-world-fixture.ts';

describe('applying', () => {
  it('brings a row to Ready, with its parent object, and says so on the bus', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));

    const report = await untilState(engine, 'shop', 'Ready');

    expect(report.counts).toMatchObject({ total: 2, applied: 2, healthy: 2, failing: 0 });
    expect(report.timings.rowToReadyMs).toBeGreaterThan(0);
    expect(await agent.get(ref('ConfigMap', 'settings'), never)).toMatchObject({
      data: { value: '1' },
      metadata: { labels: { 'flotilla.dev/assignment': 'shop' } },
    });
    expect(await agent.get(assignmentRef('shop'), never)).toMatchObject({
      metadata: {
        annotations: {
          'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Deployment.apps',
          'applyset.kubernetes.io/additional-namespaces': 'shop',
        },
      },
      spec: { path: 'app' },
    });
    const writes = writesOf(cluster);
    expect(writes.indexOf('create Assignment shop')).toBeLessThan(writes.indexOf('apply ConfigMap settings'));
    expect(writes.filter((write) => write.endsWith(' Assignment shop'))).toHaveLength(1);
    await eventually(
      () => world.status.published.at(-1)?.assignments[0]?.state,
      (state) => state === 'Ready',
    );
    expect(world.status.published.map((one) => one.seq)).toEqual(
      world.status.published.map((_, index) => index + 1),
    );
  });

  it('writes only what a second commit changes', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const rowTwo = rowFor(world, { files: { ...two, 'a.yaml': configMap('settings', '2') } });
    cluster.writes.clear();

    await hold(world, rowTwo);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.appliedCommit === rowTwo.variant.content.commit.id && one.state === 'Ready',
    );

    expect(writesOf(cluster)).toEqual(['apply Assignment shop', 'apply ConfigMap settings']);
  });

  it('writes nothing for a row that only has a newer version', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await eventually(
      () => cluster.writes.entries().some((one) => one.subresource === 'status'),
      (isWritten) => isWritten,
    );
    cluster.writes.clear();
    const again = rowFor(world, { files: two });

    await hold(world, again);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.version.seq === again.version.seq && one.state === 'Ready',
    );

    expect(writesOf(cluster)).toEqual([]);
  });

  it('applies a definition and its custom resource in one set', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
`;
    const widget = 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 3}\n';
    await hold(world, rowFor(world, { files: { 'w.yaml': widget, 'crd.yaml': crd } }));

    await untilState(engine, 'shop', 'Ready');

    expect(await agent.get(ref('Widget', 'one', 'example.org'), never)).toMatchObject({ spec: { size: 3 } });
  });

  it('shows every mistake of a render at once, applies nothing of it, and keeps up what was there', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    const ready = await untilState(engine, 'shop', 'Ready');
    await hold(world, rowFor(world, { files: { 'a.yaml': 'kind: X', 'b.yaml': 'a: [1' } }));

    const stalled = await untilState(engine, 'shop', 'Stalled');

    expect(stalled.text.split('\n')).toHaveLength(2);
    expect(stalled.text).toContain('app/a.yaml:1: is not a Kubernetes object: apiVersion is missing');
    expect(stalled.appliedCommit).toBe(ready.appliedCommit);
    // Drift of the last good content is still corrected.
    await edit(person, ref('ConfigMap', 'settings'), { data: { value: 'foreign' } });
    await eventually(
      () => agent.get(ref('ConfigMap', 'settings'), never),
      (object) => fieldAt(object, 'data', 'value') === '1',
    );
  });

  it('tells which right is missing, keeps the rest going, and recovers', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    const allow = cluster.faults.refuse((request) =>
      request.user === 'agent' && request.verb === 'apply' && request.resource === 'configmaps'
        ? {
            code: 403,
            reason: 'Forbidden',
            message: 'configmaps is forbidden',
            causes: [],
            name: 'settings',
            retryAfterMs: undefined,
          }
        : undefined,
    );
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));

    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled).toMatchObject({ reason: 'ApplyForbidden', counts: { total: 2, applied: 1 } });
    expect(stalled.text).toContain('configmaps');

    allow();
    engine.reconcileNow();
    await untilState(engine, 'shop', 'Ready');
  });

  it('does not let a failing assignment hold up others', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(
      world,
      rowFor(world, {
        placement: 'broken',
        files: { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nunknownField: 1\n' },
      }),
      rowFor(world, { files: two }),
    );
    await untilState(engine, 'shop', 'Ready');
    expect(await untilState(engine, 'broken', 'Stalled')).toMatchObject({ reason: 'ApplyInvalid' });
  });

  it('says Suspended and leaves everything alone, drift included', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, rowFor(world, { files: two, suspended: 'incident 812' }));
    expect(await untilState(engine, 'shop', 'Suspended')).toMatchObject({ text: 'incident 812' });
    cluster.writes.clear();

    await edit(person, ref('ConfigMap', 'settings'), { data: { value: 'foreign' } });
    await hold(world, rowFor(world, { placement: 'other', files: { 'c.yaml': configMap('other', '1') } }));
    await untilState(engine, 'other', 'Ready');

    expect(writesOf(cluster)).not.toContain('apply ConfigMap settings');
  });
});
