import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@flotilla/shared/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectEvents, writesIn } from '../../../../test/real/control-plane/index.ts';
import { fieldAt } from '../../core/index.ts';
import { completeKubeConfig, openKube } from '../../io/kube/index.ts';
import type { KubePort } from '../../ports.ts';
import {
  configMap,
  eventually,
  hold,
  never,
  ref,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';
import { admin, inNamespace, plane, slow, useListedPlane, world } from './listed-plane-fixture.ts';
import { type Operation, startMutatingWebhook } from './mutating-webhook-fixture.ts';
import { addForeignFields, aggregatedRoles, stillFiles } from './still-fixture.ts';

const userAgent = 'flotilla-still';
let folder: string;
let agent: KubePort;

useListedPlane();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-still-'));
  const { serverUrl, caPem, certPem, keyPem } = plane.adminCredential;
  // The set holds roles over what it may not do itself.
  agent = openKube(
    completeKubeConfig({ serverUrl, caPem, clientCertPem: certPem, clientKeyPem: keyPem, userAgent }),
  );
});
afterAll(async () => {
  await agent?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Waits for two full comparisons of everything since a moment, and says what the agent wrote from then on. */
async function writesOverTwoResyncs(sinceMs: number, resource = 'configmaps'): Promise<readonly string[]> {
  const ours = async () =>
    (await plane.audit()).filter((event) => event.userAgent.startsWith(userAgent) && event.atMs >= sinceMs);
  const events = await eventually(
    ours,
    (seen) => selectEvents(seen, { verbs: ['list'], resource }).length >= 2,
    'two resyncs',
  );
  return writesIn(events)
    .filter((event) => event.subresource === '')
    .map((event) => `${event.verb} ${event.resource} ${event.name}`);
}

describe('on a real API server, what others write differently is no drift', () => {
  it('defaults, quantities, lists, claim templates, additions, and rules of an aggregated role', async () => {
    const here = world();
    await using engine = startIn(here, agent, { resyncMs: 1_500 });
    const files = { ...stillFiles, 'roles.yaml': aggregatedRoles('still-things') };
    await hold(here, rowFor(here, { placement: 'still', files, render: { namespace: 'still' } }));
    await untilState(engine, 'still', 'Ready', slow);
    await addForeignFields(admin, 'still');
    const role = { ...ref('ClusterRole', 'still-things', 'rbac.authorization.k8s.io'), namespace: undefined };
    const filled = await eventually(
      () => admin.get(role, never),
      (object) => JSON.stringify(object).includes('"rules":[{'),
      'rules from the controller',
    );

    expect(await writesOverTwoResyncs(Date.now())).toEqual([]);
    expect(engine.reports()[0]?.drift).toMatchObject({ objects: 0, corrected: 0 });

    // Nor does the next release take anything away that was added.
    const next = { ...files, 'more.yaml': configMap('more', '1') };
    const row = rowFor(here, { placement: 'still', files: next, render: { namespace: 'still' } });
    await hold(here, row);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === row.version.seq,
      'the next release',
    );
    expect(fieldAt(await admin.get(role, never), 'rules')).toEqual(fieldAt(filled, 'rules'));
    const settings = await admin.get(inNamespace('still', ref('ConfigMap', 'settings')), never);
    expect(fieldAt(settings, 'data')).toEqual({ value: '1', injected: 'by another' });
  }, 90_000);

  it.each(['correct', 'report'] as const)(
    'in mode %s: what an admission webhook changes of what we say, adds to it and takes away',
    async (drift) => {
      const name = `hooked-${drift}`;
      await using webhook = await startMutatingWebhook(folder, mutate);
      const configuration = webhook.configuration(`${name}.example.org`, name, [
        { apiGroups: ['apps'], resources: ['deployments'] },
        { apiGroups: [''], resources: ['configmaps', 'services'] },
      ]);
      const options = {
        fieldManager: 'person',
        force: true,
        dryRun: false,
        fieldValidation: 'Strict',
      } as const;
      await admin.apply(configuration, options, never);
      const here = world();
      await using engine = startIn(here, agent, { resyncMs: 1_500 });
      await hold(
        here,
        rowFor(here, { placement: name, files: stillFiles, render: { namespace: name }, apply: { drift } }),
      );
      await untilState(engine, name, 'Ready', slow);

      expect(await writesOverTwoResyncs(Date.now())).toEqual([]);

      expect(engine.reports()[0]).toMatchObject({ state: 'Ready', drift: { objects: 0, corrected: 0 } });
      expect(webhook.asked.get('Deployment web')).toBeGreaterThan(0);
      const live = await admin.get(inNamespace(name, ref('Deployment', 'web', 'apps')), never);
      expect(JSON.stringify(live)).toContain('mirror.example.org/web:1');
      const settings = await admin.get(inNamespace(name, ref('ConfigMap', 'settings')), never);
      expect(fieldAt(settings, 'data', 'value')).toBe('webhook');
    },
    90_000,
  );
});

/** Rewrites the image and a value, puts a container beside ours, a label, and takes a variable and a port's name away. */
function mutate(object: KubeObject): readonly Operation[] {
  const label = { op: 'add', path: '/metadata/labels/hooked', value: 'yes' } as const;
  if (object.kind === 'ConfigMap' && object.metadata.name === 'settings')
    return [label, { op: 'replace', path: '/data/value', value: 'webhook' }];
  if (object.kind === 'Service') return [label, { op: 'remove', path: '/spec/ports/0/name' }];
  if (object.kind !== 'Deployment') return [];
  const containers = fieldAt(object, 'spec', 'template', 'spec', 'containers') as readonly { name: string }[];
  const main = containers.findIndex((one) => one.name === 'main');
  const path = `/spec/template/spec/containers/${main}`;
  const image = { op: 'replace', path: `${path}/image`, value: 'mirror.example.org/web:1' } as const;
  const env =
    fieldAt(containers[main], 'env') === undefined ? [] : [{ op: 'remove', path: `${path}/env` } as const];
  const sidecar = { name: 'proxy', image: 'proxy:1' };
  const isInjected = containers.some((one) => one.name === sidecar.name);
  const added = isInjected
    ? []
    : [{ op: 'add', path: '/spec/template/spec/containers/-', value: sidecar } as const];
  return [label, image, ...env, ...added];
}
