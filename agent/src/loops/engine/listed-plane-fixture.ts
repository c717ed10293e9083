import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '@flotilla/shared/kit';
import type { KubeObject } from '@flotilla/shared/model';
import { afterAll, beforeAll } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type ControlPlane, startControlPlane, writesIn } from '../../../../test/real/control-plane/index.ts';
import { findTool } from '../../../../test/tools/index.ts';
import { fieldAt } from '../../core/index.ts';
import { completeKubeConfig, openKube } from '../../io/kube/index.ts';
import type { KubePort } from '../../ports.ts';
import { configMap, engineWorld, never, type ref } from './engine-world-fixture.ts';

/** Runs a program to its end. */
export const run = promisify(execFile);
/** User of the agent's ServiceAccount. */
export const agentUser = 'system:serviceaccount:flotilla-system:flotilla-agent';
const profile = new URL('../../../../deploy/agent/profiles/listed', import.meta.url).pathname;
/** Deadline of what real controllers do. */
export const slow = 30_000;

/** The running control plane, and its API as a person and as the agent; set before the first test of a file. */
export let plane: ControlPlane;
export let admin: KubePort;
export let agent: KubePort;

/** Gives a test file a control plane with the rights of the listed profile, as people install them. */
export function useListedPlane(): void {
  beforeAll(openPlane, 120_000);
  afterAll(async () => {
    await agent?.close();
    await admin?.close();
    await plane?.stop();
  });
}

async function openPlane(): Promise<void> {
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
}

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
export async function agentWrites(sinceMs: number): Promise<readonly string[]> {
  const events = writesIn(await plane.audit(), { user: agentUser, exceptResources: ['leases'] });
  return events
    .filter((event) => event.atMs >= sinceMs && event.subresource === '')
    .map((event) => `${event.verb} ${event.resource} ${event.name}`);
}

/** A world of the engine on real time. */
export const world = () => engineWorld(systemClock());
/** The reference in a namespace. */
export const inNamespace = (namespace: string, object: ReturnType<typeof ref>) => ({ ...object, namespace });
/** A label selector in a manifest. */
export const label = (name: string) => `{app: ${name}}`;
/** A whole application: workloads of every kind, service, policies. */
export const application = (image: string, replicas = 1) => ({
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
