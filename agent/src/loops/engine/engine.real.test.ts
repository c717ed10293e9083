import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '@flotilla/shared/kit';
import type { KubeObject } from '@flotilla/shared/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import {
  type ControlPlane,
  deletesIn,
  startControlPlane,
  writesIn,
} from '../../../../test/real/control-plane/index.ts';
import { findTool } from '../../../../test/tools/index.ts';
import { fieldAt } from '../../core/index.ts';
import { completeKubeConfig, openKube } from '../../io/kube/index.ts';
import type { KubePort } from '../../ports.ts';
import {
  assignmentRef,
  configMap,
  edit,
  engineWorld,
  eventually,
  hold,
  never,
  ref,
  removalFor,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';

const run = promisify(execFile);
const agentUser = 'system:serviceaccount:flotilla-system:flotilla-agent';
const profile = new URL('../../../../deploy/agent/profiles/listed', import.meta.url).pathname;
const slow = 30_000;

let plane: ControlPlane;
let admin: KubePort;
let agent: KubePort;

beforeAll(async () => {
  plane = await startControlPlane({ audit: { reads: true } });
  const { serverUrl, caPem, certPem, keyPem } = plane.adminCredential;
  admin = openKube(
    completeKubeConfig({
      serverUrl,
      caPem,
      clientCertPem: certPem,
      clientKeyPem: keyPem,
      userAgent: 'person',
    }),
  );
  await installAgent();
  agent = openKube(
    completeKubeConfig({ serverUrl, caPem, token: { kind: 'text', token: await agentToken() } }),
  );
}, 120_000);

afterAll(async () => {
  await agent?.close();
  await admin?.close();
  await plane?.stop();
});

/** The rights of the listed profile, as people install them; the agent's own Deployment is this test. */
async function installAgent(): Promise<void> {
  const { path } = await findTool('kustomize');
  const { stdout } = await run(path, ['build', profile], { maxBuffer: 10_000_000 });
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as KubeObject);
  const wanted = objects.filter((object) => !['Deployment', 'PersistentVolumeClaim'].includes(object.kind));
  for (const object of wanted) {
    const options = {
      fieldManager: 'install',
      force: true,
      dryRun: false,
      fieldValidation: 'Strict',
    } as const;
    await admin.apply(object, options, never);
  }
}

async function agentToken(): Promise<string> {
  const path = '/api/v1/namespaces/flotilla-system/serviceaccounts/flotilla-agent/token';
  const answer = await plane.admin.json('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  return String(fieldAt(answer, 'status', 'token'));
}

/** Accepted writes of the agent since a moment, as `verb resource name`; its status objects settle later and are left out. */
async function agentWrites(sinceMs: number): Promise<readonly string[]> {
  const events = writesIn(await plane.audit(), { user: agentUser, exceptResources: ['leases'] });
  return events
    .filter((event) => event.atMs >= sinceMs && event.subresource === '')
    .map((event) => `${event.verb} ${event.resource} ${event.name}`);
}

const world = () => engineWorld(systemClock());
const inNamespace = (namespace: string, object: ReturnType<typeof ref>) => ({ ...object, namespace });
const label = (name: string) => `{app: ${name}}`;
const application = (image: string, replicas = 1) => ({
  'config.yaml': configMap('settings', image),
  'web.yaml': `# the front
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: ${label('web')}}
  template:
    metadata: {labels: ${label('web')}}
    spec:
      serviceAccountName: web
      containers:
      - name: web
        image: "${image}"
        ports: [{containerPort: 8080}]
        resources: {requests: {cpu: 1000m, memory: 0.5Gi}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: ${label('web')}, ports: [{port: 80, targetPort: 8080}]}
`,
  'rest.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: shop.example.org, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: ${label('web')}}, ingress: [{ports: [{port: 8080}]}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: ${label('web')}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  selector: {matchLabels: ${label('store')}}
  template:
    metadata: {labels: ${label('store')}}
    spec: {containers: [{name: store, image: "store:1"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: node-agent}
spec:
  selector: {matchLabels: ${label('node-agent')}}
  template:
    metadata: {labels: ${label('node-agent')}}
    spec: {containers: [{name: agent, image: "agent:1"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: migrate, image: "migrate:${image.split(':')[1]}"}]}
`,
});

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
