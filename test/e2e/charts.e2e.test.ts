import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { deploymentPath, untilAllReady, untilAvailable } from './world/expect.ts';
import { until } from './world/until.ts';
import { World } from './world/world.ts';

const header = 'apiVersion: flotilla.dev/v1alpha1\n';

const rules = `${header}kind: Placement
metadata: {name: greeter}
spec:
  source: {path: charts/greeter}
  render: {helm: {releaseName: hi, valuesFiles: [prod.yaml], values: {greeting: hello}}}
  namespace: greeter
  createNamespace: true
  clusters: {names: [eu-1, us-1]}
  overrides:
  - clusters: {matchLabels: {region: eu}}
    values: {greeting: "bonjour \${cluster.name}"}
  rollout: {strategy: quick}
---
${header}kind: RolloutStrategy
metadata: {name: quick}
spec:
  stages:
  - {name: canary, canary: 1, soak: 1s}
  - {name: rest, remaining: true, soak: 1s}
  defaults: {deadline: 5m}
`;

const map = (name: string, value: string, annotations = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, annotations: {${annotations}}}\ndata:\n  value: ${value}\n`;

const chart = {
  'charts/greeter/Chart.yaml': 'apiVersion: v2\nname: greeter\nversion: 1.0.0\n',
  'charts/greeter/values.yaml': 'greeting: nothing\ncolor: red\nreplicas: 1\n',
  'charts/greeter/prod.yaml': 'replicas: 2\n',
  'charts/greeter/templates/greeting.yaml': map(
    '{{ .Release.Name }}-greeting',
    '{{ .Values.greeting | quote }}',
  ),
  'charts/greeter/templates/color.yaml': map('color', '{{ .Values.color }}'),
  'charts/greeter/templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: "registry.example.org/web:1"}
`,
  'charts/greeter/templates/tests/test.yaml': map('probe', 'x', 'helm.sh/hook: test'),
  'fleet/greeter.yaml': rules,
};

const hookMap = map(
  'migrate-settings',
  'x',
  'helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5"',
);
const hookJob = (name: string, events: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: {helm.sh/hook: "${events}"}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: "registry.example.org/${name}:1"}
`;

const mapPath = (name: string) => `/api/v1/namespaces/greeter/configmaps/${name}`;

describe('a chart from Git on two real clusters', () => {
  let world: World;
  let eu: MemberCluster;
  let us: MemberCluster;
  beforeAll(async () => {
    world = await World.start({
      clusters: [
        { name: 'eu-1', labels: { region: 'eu' } },
        { name: 'us-1', labels: { region: 'us' } },
      ],
    });
    eu = world.member('eu-1');
    us = world.member('us-1');
    await world.control.workshop.push(chart, 'A chart');
    await untilAllReady(world, (items) => items.size === 2);
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('becomes Ready with the values of each cluster, without its test', async () => {
    expect(await dataOf(eu, 'hi-greeting')).toBe('bonjour eu-1');
    expect(await dataOf(us, 'hi-greeting')).toBe('hello');
    for (const member of [eu, us]) {
      const web = await untilAvailable(member, deploymentPath('greeter', 'web'));
      expect(web.spec.replicas).toBe(2);
      expect(await member.read(mapPath('probe'))).toBeUndefined();
    }
  });

  it('changes only the objects of a value that changed', async () => {
    await Promise.all([eu.mark(), us.mark()]);
    const values = chart['charts/greeter/values.yaml'].replace('red', 'blue');
    const commit = await world.control.workshop.push({ 'charts/greeter/values.yaml': values }, 'Blue');
    await untilAllReady(world, (items) =>
      [...items.values()].every(({ status }) => status.appliedCommit === commit),
    );
    for (const member of [eu, us]) {
      expect(await dataOf(member, 'color')).toBe('blue');
      const writes = (await member.agentWrites()).filter(({ resource }) => resource !== 'assignments');
      expect(writes.map(({ resource, name }) => `${resource} ${name}`)).toEqual(['configmaps color']);
    }
  });

  it('runs its hooks to their end before and after everything else', async () => {
    await Promise.all([eu.mark(), us.mark()]);
    const commit = await world.control.workshop.push(
      {
        'charts/greeter/templates/hooks.yaml': `${hookMap}---\n${hookJob('migrate', 'pre-install,pre-upgrade')}---\n${hookJob('notify', 'post-install,post-upgrade')}`,
        'charts/greeter/templates/color.yaml': map('color', 'green'),
      },
      'Hooks',
    );
    await untilAllReady(world, (items) =>
      [...items.values()].every(({ status }) => status.appliedCommit === commit),
    );
    for (const member of [eu, us]) {
      const writes = (await member.agentWrites()).filter(({ resource }) => resource !== 'assignments');
      expect(writes.map(({ resource, name }) => `${resource} ${name}`)).toEqual([
        'configmaps migrate-settings',
        'jobs migrate',
        'configmaps color',
        'jobs notify',
      ]);
      const [migrate, notify] = await Promise.all([jobOf(member, 'migrate'), jobOf(member, 'notify')]);
      expect(Date.parse(notify.metadata.creationTimestamp)).toBeGreaterThanOrEqual(
        Date.parse(migrate.status.completionTime ?? ''),
      );
    }
  });

  it('with a hook that is not run stops at the canary, which says its name, and deletes nothing', async () => {
    const hook = map('farewell', 'x', 'helm.sh/hook: pre-delete');
    await world.control.workshop.push({ 'charts/greeter/templates/hook.yaml': hook }, 'A hook');
    const stalled = await until('a stalled canary', async () => {
      const items = await world.control.get('assignments', '--all');
      return items.find(({ status }) => status.state === 'Stalled');
    });
    expect(stalled.status.reason?.code).toBe('HookUnsupported');
    expect(stalled.status.reason?.text).toContain('charts/greeter/templates/hook.yaml:1');
    expect(stalled.status.reason?.text).toContain('farewell is a hook of the chart (pre-delete)');
    for (const member of [eu, us]) expect(await dataOf(member, 'color')).toBe('green');

    await world.control.workshop.push({ 'charts/greeter/templates/hook.yaml': null }, 'No hook');
    await untilAllReady(world, (items) => items.size === 2);
  });
});

async function dataOf(member: MemberCluster, name: string): Promise<string | undefined> {
  const found = await member.read<{ readonly data: { readonly value: string } }>(mapPath(name));
  return found?.data.value;
}

interface Job {
  readonly metadata: { readonly creationTimestamp: string };
  readonly status: { readonly completionTime?: string };
}

async function jobOf(member: MemberCluster, name: string): Promise<Job> {
  const found = await member.read<Job>(`/apis/batch/v1/namespaces/greeter/jobs/${name}`);
  if (found === undefined) throw new Error(`there is no Job ${name} on ${member.name}`);
  return found;
}
