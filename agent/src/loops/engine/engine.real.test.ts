import { describe, expect, it } from 'vitest';
import { writesIn } from '../../../../test/real/control-plane/index.ts';
import { findTool } from '../../../../test/tools/index.ts';
import { fieldAt } from '../../core/index.ts';
import {
  assignmentRef,
  configMap,
  edit,
  eventually,
  hold,
  never,
  ref,
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
  run,
  slow,
  useListedPlane,
  world,
} from './listed-plane-fixture.ts';

useListedPlane();

describe('the engine on a real API server, with the rights of the listed profile', () => {
  it('makes a whole application Ready by real controllers, and writes only what a second commit changes', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    await hold(
      here,
      rowFor(here, { placement: 'journey', files: application('web:1'), render: { namespace: 'journey' } }),
    );
    const ready = await untilState(engine, 'journey', 'Ready', slow);
    expect(ready.counts).toMatchObject({ total: 10, applied: 10, healthy: 10 });
    expect(engine.facts()).toMatchObject({
      kubernetes: expect.stringMatching(/^v1\./),
      nodes: 2,
      inventoryParent: 'Assignment',
    });

    const sinceMs = Date.now();
    const next = rowFor(here, {
      placement: 'journey',
      files: { ...application('web:1'), 'config.yaml': configMap('settings', 'new') },
      render: { namespace: 'journey' },
    });
    await hold(here, next);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === next.version.seq,
      'Ready again',
    );

    expect(await agentWrites(sinceMs)).toEqual(['patch assignments journey', 'patch configmaps settings']);
  }, 60_000);

  it('replaces a Job that changed, and shows itself to kubectl', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    const row = (image: string) =>
      rowFor(here, { placement: 'jobs', files: application(image), render: { namespace: 'jobs' } });
    await hold(here, row('web:1'));
    await untilState(engine, 'jobs', 'Ready', slow);
    const job = inNamespace('jobs', ref('Job', 'migrate', 'batch'));
    const uid = (await admin.get(job, never))?.metadata.uid;

    await hold(here, row('web:2'));
    await eventually(
      () => admin.get(job, never),
      (object) => object !== undefined && object.metadata.uid !== uid,
      'a new Job',
      slow,
    );
    await untilState(engine, 'jobs', 'Ready', slow);

    const shown = await eventually(
      () => admin.get(assignmentRef('jobs'), never),
      (object) => fieldAt(object, 'status', 'state') === 'Ready',
      'a status object',
    );
    expect(fieldAt(shown, 'status', 'objects')).toBe('10/10');
    const { path } = await findTool('kubectl');
    await run(path, [
      '--kubeconfig',
      plane.kubeconfigPath,
      'wait',
      '--for=condition=Ready',
      'fla/jobs',
      '--timeout=5s',
    ]);
  }, 60_000);

  it('corrects a hand edit, a scaling and a deletion', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    await hold(
      here,
      rowFor(here, { placement: 'drift', files: application('web:1'), render: { namespace: 'drift' } }),
    );
    await untilState(engine, 'drift', 'Ready', slow);
    const web = inNamespace('drift', ref('Deployment', 'web', 'apps'));
    const settings = inNamespace('drift', ref('ConfigMap', 'settings'));

    await edit(admin, settings, { data: { value: 'foreign' } });
    await plane.admin.json(
      'PATCH',
      '/apis/apps/v1/namespaces/drift/deployments/web/scale',
      { spec: { replicas: 3 } },
      { 'content-type': 'application/merge-patch+json' },
    );
    await eventually(
      () => engine.reports()[0],
      (one) => one?.drift.corrected === 2,
      'two corrections',
    );
    const service = inNamespace('drift', ref('Service', 'web'));
    const uid = (await admin.get(service, never))!.metadata.uid!;
    await admin.delete(
      service,
      { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false },
      never,
    );
    await eventually(
      () => engine.reports()[0],
      (one) => one?.drift.corrected === 3,
      'three corrections',
    );

    expect(fieldAt(await admin.get(web, never), 'spec', 'replicas')).toBe(1);
    expect(fieldAt(await admin.get(settings, never), 'data', 'value')).toBe('web:1');
    expect(await admin.get(service, never)).toBeDefined();
    await untilState(engine, 'drift', 'Ready', slow);
  }, 60_000);

  it('leaves the replicas to an autoscaler that is not its own', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    const files = application('web:1');
    await hold(here, rowFor(here, { placement: 'scaled', files, render: { namespace: 'scaled' } }));
    await untilState(engine, 'scaled', 'Ready', slow);
    const web = inNamespace('scaled', ref('Deployment', 'web', 'apps'));
    await admin.create(
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web', namespace: 'scaled' },
        spec: {
          minReplicas: 2,
          maxReplicas: 4,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        },
      },
      { fieldManager: 'person', dryRun: false },
      never,
    );
    await plane.admin.json(
      'PATCH',
      '/apis/apps/v1/namespaces/scaled/deployments/web/scale',
      { spec: { replicas: 3 } },
      { 'content-type': 'application/merge-patch+json' },
    );

    await hold(
      here,
      rowFor(here, { placement: 'scaled', files: application('web:2'), render: { namespace: 'scaled' } }),
    );
    await eventually(
      () => admin.get(web, never),
      (object) => JSON.stringify(object).includes('"image":"web:2"'),
      'the new image',
    );
    await untilState(engine, 'scaled', 'Ready', slow);
    expect(fieldAt(await admin.get(web, never), 'spec', 'replicas')).toBeGreaterThanOrEqual(2);
  }, 60_000);

  it('writes nothing after a restart, with Git away, and reads each kind once', async () => {
    const here = world();
    {
      await using engine = startIn(here, agent);
      await hold(
        here,
        rowFor(here, { placement: 'again', files: application('web:1'), render: { namespace: 'again' } }),
      );
      await untilState(engine, 'again', 'Ready', slow);
      await eventually(
        () => admin.get(assignmentRef('again'), never),
        (object) => fieldAt(object, 'status', 'state') === 'Ready',
        'a status object',
      );
    }
    here.git.isUp = false;
    const sinceMs = Date.now();

    await using engine = startIn(here, agent);
    await untilState(engine, 'again', 'Ready', slow);
    // Longer than a status object takes to settle.
    await eventually(
      () => Date.now(),
      (now) => now > sinceMs + 3_000,
      'three seconds',
    );

    const events = (await plane.audit()).filter((event) => event.user === agentUser && event.atMs >= sinceMs);
    expect(writesIn(events)).toEqual([]);
    const lists = events.filter((event) => event.verb === 'list').map((event) => event.resource);
    expect(lists.length).toBe(new Set(lists).size);
    expect(events.filter((event) => event.verb === 'get' && event.resource !== '')).toEqual([]);
  }, 60_000);
});
