import type { PlacementName } from '@flotilla/shared/base';
import type { AssignmentReport, Row } from '@flotilla/shared/model';
import { rowOf } from '../../real/agent-engine/index.ts';
import type { AdminClient } from '../../real/control-plane/index.ts';
import { pause } from '../pause.ts';
import { round } from '../summary.ts';
import { applicationName } from './application.ts';
import type { AssigningSide } from './assigning-side.ts';
import { type NamespaceWatch, revisionOf } from './namespace-watch.ts';

const mergePatch = { 'content-type': 'application/merge-patch+json' };

/** From a person's edit of an image, answered, to the image of Git again, one application after the other; milliseconds. */
export async function measureDrift(
  admin: AdminClient,
  about: { readonly watch: NamespaceWatch; readonly namespace: string; readonly count: number },
): Promise<readonly number[]> {
  const { count, namespace, watch } = about;
  const tookMs: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = applicationName(index);
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
    const image = 'registry.example.org/shop/edited:by-hand';
    const edit = { spec: { template: { spec: { containers: [{ name, image }] } } } };
    const before = deployment(watch, name);
    await admin.json('PATCH', `${path}?fieldManager=kubectl-edit`, edit, {
      'content-type': 'application/strategic-merge-patch+json',
    });
    const editedMs = performance.now();
    const atMs = await watch.until(`${name} corrected`, () => {
      const now = deployment(watch, name);
      return (
        revisionOf(now) === revisionOf(before) &&
        (now.metadata.generation ?? 0) > (before.metadata.generation ?? 0)
      );
    });
    tookMs.push(round(Math.max(0, atMs - editedMs)));
    await pause(300);
  }
  return tookMs;
}

function deployment(watch: NamespaceWatch, name: string) {
  const found = watch.objects.find((one) => one.kind === 'Deployment' && one.metadata.name === name);
  if (found === undefined) throw new Error(`Deployment ${name} is gone`);
  return found;
}

const gauge = 'gauge' as PlacementName;
const gaugePath = '/apis/demo.example.org/v1/namespaces/default/gauges/gauge';

/** A kind without a controller: its status is what the measurement writes. */
const gaugeKind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gauges.demo.example.org' },
  spec: {
    group: 'demo.example.org',
    scope: 'Namespaced',
    names: { plural: 'gauges', singular: 'gauge', kind: 'Gauge', listKind: 'GaugeList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/** From the answer to a status write that makes an object Ready, after more than a second of quiet, to the report on the bus; milliseconds. */
export async function measureReady(
  admin: AdminClient,
  side: AssigningSide,
  about: { readonly rows: Map<PlacementName, Row>; readonly count: number },
): Promise<readonly number[]> {
  await admin.json('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', gaugeKind);
  await pause(2_000);
  const text = 'apiVersion: demo.example.org/v1\nkind: Gauge\nmetadata: {name: gauge}\nspec: {}\n';
  const commit = await side.commit({ 'apps/gauge/gauge.yaml': text });
  const treeId = (await side.treesAt(commit)).get(gauge);
  if (treeId === undefined) throw new Error('apps/gauge is not in the commit');
  const { repositoryUrl } = side;
  const content = { commit, trees: [{ path: 'apps/gauge', treeId }], repositoryUrl };
  about.rows.set(gauge, rowOf({ placement: gauge, namespace: 'default', seq: 1_000_000, ...content }));
  const ready = until(side, (one) => one.state === 'Ready');
  side.assign(about.rows);
  await ready;
  const tookMs: number[] = [];
  for (let index = 0; index < about.count; index += 1) {
    const progressing = until(side, (one) => one.state !== 'Ready');
    await writeStatus(admin, 'False');
    await progressing;
    await pause(1_200 + Math.random() * 300);
    const again = until(side, (one) => one.state === 'Ready');
    await writeStatus(admin, 'True');
    const writtenMs = performance.now();
    tookMs.push(round(Math.max(0, (await again) - writtenMs)));
    await pause(300);
  }
  return tookMs;
}

async function writeStatus(admin: AdminClient, status: 'True' | 'False'): Promise<void> {
  const conditions = [{ type: 'Ready', status, reason: 'Gauge', message: '' }];
  await admin.json('PATCH', `${gaugePath}/status`, { status: { conditions } }, mergePatch);
}

/** The moment of the first report on the bus in which it holds of the gauge. */
async function until(side: AssigningSide, isMet: (one: AssignmentReport) => boolean): Promise<number> {
  let last = 'nothing';
  return await side.untilReport(
    ({ assignments }) => {
      const one = assignments.find(({ placement }) => placement === gauge);
      last = JSON.stringify(one);
      return one !== undefined && isMet(one);
    },
    () => `the gauge does not change: ${last}`,
  );
}
