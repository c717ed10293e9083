import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { fieldAt } from '../../core/index.ts';
import { checkJobs, deleteJob, jobCheck, kstatusCheck } from './check-rows-fixture.ts';
import {
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
  agentWrites,
  inNamespace,
  plane,
  slow,
  useListedPlane,
  world,
} from './listed-plane-fixture.ts';
import { applied, widgetDefinition, widgetFile, widgetRef } from './widget-fixture.ts';

useListedPlane();

const group = 'checks.example.org';
const statusSchema = { type: 'object', properties: { phase: { type: 'string' } } };

/** The definition of a kind whose controller writes a phase, and the right to it, as people add to the listed profile. */
async function installWidgets(): Promise<void> {
  const bare = widgetDefinition(group);
  const text = JSON.stringify(bare)
    .replace('"served":true', '"served":true,"subresources":{"status":{}}')
    .replace('"properties":{"spec"', `"properties":{"status":${JSON.stringify(statusSchema)},"spec"`);
  const metadata = { name: 'flotilla-agent-widgets' };
  const rules = [{ apiGroups: [group], resources: ['widgets'], verbs: ['*'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
  const subjects = [{ kind: 'ServiceAccount', name: 'flotilla-agent', namespace: 'flotilla-system' }];
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const objects: readonly KubeObject[] = [
    JSON.parse(text) as KubeObject,
    { apiVersion, kind: 'ClusterRole', metadata, rules },
    { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects },
  ];
  for (const object of objects) await admin.apply(object, applied, never);
}

const statusOf = async (path: string, status: object) =>
  await plane.admin.json(
    'PATCH',
    `${path}/status`,
    { status },
    { 'content-type': 'application/merge-patch+json' },
  );
const smokeChecks = { stageChecks: [jobCheck('smoke', { backoffLimit: 0 })] };
const files = { 'a.yaml': configMap('settings', '1') };

describe('checks on a real API server, with the rights of the listed profile', () => {
  it('wait for a rule about a custom resource, for somebody else’s Deployment, and for a Job', async () => {
    await installWidgets();
    const here = world();
    const row = rowFor(here, {
      placement: 'checked',
      files: { 'widget.yaml': widgetFile(group) },
      render: { namespace: 'checked' },
      health: {
        checks: [{ target: { group, kind: 'Widget' }, cel: 'status.phase == "Up"' }],
        stageChecks: [kstatusCheck({ group: 'apps', kind: 'Deployment', name: 'front' }), jobCheck()],
      },
    });
    const sinceMs = Date.now();
    {
      await using engine = startIn(here, agent);
      await hold(here, row);
      await eventually(
        () => engine.reports()[0]?.reason,
        (reason) => reason === 'RuleNoAnswer',
        'the rule asked',
        slow,
      );
      expect(await checkJobs(admin, 'checked')).toEqual([]);

      await statusOf(`/apis/${group}/v1/namespaces/checked/widgets/one`, { phase: 'Up' });
      await eventually(
        () => engine.reports()[0]?.text,
        (text) => text?.includes('Deployment checked/front: does not exist') === true,
        'the check asked',
        slow,
      );
      await admin.apply(deploymentOf('front', 'checked'), applied, never);
      expect((await untilState(engine, 'checked', 'Ready', slow)).counts).toMatchObject({
        total: 1,
        healthy: 1,
      });
      const [job] = await checkJobs(admin, 'checked');
      expect(fieldAt(job, 'status', 'succeeded')).toBe(1);
      await deleteJob(admin, job!);
    }
    await using engine = startIn(here, agent);
    await untilState(engine, 'checked', 'Ready', slow);
    expect(await admin.get(inNamespace('checked', widgetRef(group)), never)).toBeDefined();
    const made = (await agentWrites(sinceMs)).filter((write) => write.startsWith('create jobs'));
    expect(made).toHaveLength(1);
  }, 90_000);

  it('fail with the words of the pod, and ask again when the Job is deleted; go with the assignment', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    const broken = JSON.parse(
      JSON.stringify(smokeChecks).replace('smoke:1', 'smoke:broken'),
    ) as typeof smokeChecks;
    await hold(
      here,
      rowFor(here, { placement: 'failing', files, render: { namespace: 'failing' }, health: broken }),
    );
    const pods = { kind: ref('Pod', ''), namespace: 'failing', labelSelector: 'flotilla.dev/check=smoke' };
    const { items } = await eventually(
      () => admin.list(pods, never),
      ({ items }) => items.length === 1 && fieldAt(items[0], 'status', 'containerStatuses') !== undefined,
      'a pod of the Job',
      slow,
    );
    const terminated = { exitCode: 3, reason: 'Error', message: 'GET /cart: 500' };
    const path = `/api/v1/namespaces/failing/pods/${items[0]?.metadata.name}`;
    await statusOf(path, {
      phase: 'Failed',
      containerStatuses: [
        { name: 'main', image: 'x', imageID: '', ready: false, restartCount: 0, state: { terminated } },
      ],
    });
    const failed = await untilState(engine, 'failing', 'Degraded', slow);
    expect(failed).toMatchObject({
      reason: 'CheckFailed',
      failing: [{ kind: 'Job', reason: 'CheckFailed' }],
    });
    expect(failed.text).toMatch(/^check smoke: Job failing\/check-failing-smoke-\w+: BackoffLimitExceeded: /);
    expect(failed.text).toContain('main: ended with exit code 3 (Error): GET /cart: 500');

    const [job] = await checkJobs(admin, 'failing');
    await deleteJob(admin, job!);
    await eventually(
      () => checkJobs(admin, 'failing'),
      ([again]) => again !== undefined && again.metadata.uid !== job?.metadata.uid,
      'another Job',
      slow,
    );
    await hold(here, removalFor('failing'));
    await untilState(engine, 'failing', 'Removed', slow);
    await eventually(
      () => checkJobs(admin, 'failing'),
      (jobs) => jobs.length === 0,
      'no Job',
      slow,
    );
  }, 90_000);

  it('that lack a right are Stalled, and name the rule that the profile lacks', async () => {
    const here = world();
    await using engine = startIn(here, agent);
    const check = kstatusCheck({ group: 'storage.k8s.io', kind: 'StorageClass', name: 'fast' });
    await hold(
      here,
      rowFor(here, {
        placement: 'lacking',
        files,
        render: { namespace: 'lacking' },
        health: { stageChecks: [check] },
      }),
    );
    const stalled = await untilState(engine, 'lacking', 'Stalled', slow);
    expect(stalled.reason).toBe('CheckForbidden');
    expect(stalled.text).toMatch(/check ready: .*missing rule: .*storage\.k8s\.io.*storageclasses.*get/);
  }, 60_000);
});

function deploymentOf(name: string, namespace: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'front:1' }] },
      },
    },
  };
}
