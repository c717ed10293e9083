import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findTool } from '../../../../test/tools/index.ts';
import { eventually, hold, never, ref, rowFor, startIn, untilState } from './engine-world-fixture.ts';
import {
  admin,
  agent,
  application,
  inNamespace,
  plane,
  run,
  slow,
  useListedPlane,
  world,
} from './listed-plane-fixture.ts';

useListedPlane();

const namespace = 'moved';
const render = { namespace };
const of = (kind: string, name: string, group = '') => inNamespace(namespace, ref(kind, name, group));

/** A person's `kubectl apply`, without `--server-side`. */
async function applyByKubectl(text: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-client-side-'));
  const file = join(folder, 'all.yaml');
  await writeFile(file, text);
  const { path } = await findTool('kubectl');
  await run(path, ['--kubeconfig', plane.kubeconfigPath, '-n', namespace, 'apply', '-f', file]);
  await rm(folder, { recursive: true });
}

it('takes over what a real kubectl applied on the client as it is, and then drops what leaves Git', async () => {
  const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await admin.create(shop, { fieldManager: 'kubectl-create', dryRun: false }, never);
  const files = application('web:1', 2);
  const all = [files['config.yaml'], files['web.yaml'], files['rest.yaml']].join('---\n');
  // Once more with another value, so that both ways in which kubectl writes are there: POST and PATCH.
  await applyByKubectl(all.replace('port: 80,', 'port: 88,'));
  await applyByKubectl(all);
  const before = await admin.get(of('Deployment', 'web', 'apps'), never);
  expect(before?.metadata.managedFields?.map((entry) => entry.manager)).toContain(
    'kubectl-client-side-apply',
  );

  const here = world();
  await using engine = startIn(here, agent);
  await hold(here, rowFor(here, { placement: 'moved', files, render }));
  await untilState(engine, 'moved', 'Ready', slow);
  const taken = await admin.get(of('Deployment', 'web', 'apps'), never);
  expect(taken?.metadata.uid).toBe(before!.metadata.uid);
  expect(taken?.['spec']).toEqual(before?.['spec']);
  for (const target of [of('Deployment', 'web', 'apps'), of('Service', 'web'), of('ConfigMap', 'settings')]) {
    const metadata = (await admin.get(target, never))?.metadata;
    expect(metadata?.managedFields?.map((entry) => entry.manager)).not.toContain('kubectl-client-side-apply');
    expect(Object.keys(metadata?.annotations ?? {})).not.toContain(
      'kubectl.kubernetes.io/last-applied-configuration',
    );
  }

  const without = files['web.yaml'].replace(/\n {8}resources: .*/, '').replace('  replicas: 2\n', '');
  const next = rowFor(here, { placement: 'moved', files: { ...files, 'web.yaml': without }, render });
  await hold(here, next);
  await eventually(
    () => engine.reports()[0],
    (one) => one?.state === 'Ready' && one.appliedVariantDigest === next.variant.digest,
    'the change to be Ready',
    slow,
  );
  const changed = await admin.get(of('Deployment', 'web', 'apps'), never);
  expect(changed).toMatchObject({
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'web', resources: {} }] } } },
  });
}, 120_000);
