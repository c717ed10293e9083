import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeKubeConfig, loadKubeconfig, openKube } from '@flotilla/agent/io/kube';
import type { KubePort } from '@flotilla/agent/ports';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type ControlPlane,
  createServiceAccountToken,
  startControlPlane,
  writesIn,
} from '../../real/control-plane/index.ts';
import { waitFor } from '../../real/waiting.ts';

const signal = AbortSignal.timeout(120_000);
const strict = { fieldManager: 'flotilla', force: false, dryRun: false, fieldValidation: 'Strict' } as const;
const settings = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default' },
};
const settingsRef = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'settings' };
const user = 'system:serviceaccount:default:agent';

let plane: ControlPlane;
let folder = '';
const ports: KubePort[] = [];

beforeAll(async () => {
  plane = await startControlPlane({ nodes: 0 });
  folder = await mkdtemp(join(tmpdir(), 'token-'));
  await plane.admin.json('POST', '/api/v1/namespaces/default/serviceaccounts', {
    metadata: { name: 'agent' },
  });
});
afterAll(async () => {
  await Promise.all(ports.map((port) => port.close()));
  await plane?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function tokenOf(name: string): Promise<string> {
  return await createServiceAccountToken(plane.admin, { namespace: 'default', name });
}

function openWithTokenFile(path: string): KubePort {
  const { serverUrl, caPem } = plane.adminCredential;
  const port = openKube(completeKubeConfig({ serverUrl, caPem, token: { kind: 'file', path } }));
  ports.push(port);
  return port;
}

it('reads the kubeconfig that the control plane wrote', async () => {
  const readYaml = (text: string) => ({ ok: true, value: parse(text) }) as const;
  const port = openKube(await loadKubeconfig({ path: plane.kubeconfigPath }, readYaml));
  ports.push(port);

  expect(await port.serverVersion(signal)).toMatch(/^v1\.\d+\.\d+$/);
});

it('names the rule that a ServiceAccount lacks, and works once it has it', async () => {
  const path = join(folder, 'agent');
  await writeFile(path, await tokenOf('agent'));
  const port = openWithTokenFile(path);

  await expect(port.apply(settings, strict, signal)).rejects.toMatchObject({
    code: 'KUBE_FORBIDDEN',
    retry: 'never',
    request: { verbs: ['patch', 'create'], resource: 'configmaps', namespace: 'default' },
    // The verbs that were refused, and maybe those that such a rule wants besides.
    message: expect.stringMatching(
      /missing rule: \{apiGroups: \[""\], resources: \["configmaps"\], verbs: \[[^\]]*\bpatch\b[^\]]*\]\} in namespace default/,
    ),
  });

  await plane.admin.json('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', {
    metadata: { name: 'writer' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch', 'create'] }],
  });
  await plane.admin.json('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
    metadata: { name: 'writer' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'writer' },
    subjects: [{ kind: 'ServiceAccount', name: 'agent', namespace: 'default' }],
  });
  // The authorizer learns of the new binding by a watch.
  await waitFor(
    'the binding to be in force',
    async () => {
      const applied = await port.apply(settings, strict, signal).catch(() => undefined);
      return applied !== undefined;
    },
    { withinMs: 30_000, everyMs: 20 },
  );

  // The rule that was named is enough for the apply, and for nothing else.
  await expect(port.get(settingsRef, signal)).rejects.toMatchObject({ code: 'KUBE_FORBIDDEN' });
  const writes = writesIn(await plane.audit(), { user });
  expect(writes.map(({ verb, name }) => [verb, name])).toEqual([['patch', 'settings']]);
});

it('takes a rotated token from its file', async () => {
  const path = join(folder, 'rotating');
  await writeFile(path, 'not a token at all');
  const port = openWithTokenFile(path);
  await expect(port.apply(settings, strict, signal)).rejects.toMatchObject({ status: 401 });

  await writeFile(path, await tokenOf('agent'));

  expect(await port.apply(settings, strict, signal)).toMatchObject({ metadata: { name: 'settings' } });
});

it('reports a group whose API server is down, and concludes nothing about its kinds', async () => {
  const { serverUrl, caPem, certPem, keyPem } = plane.adminCredential;
  const port = openKube(
    completeKubeConfig({ serverUrl, caPem, clientCertPem: certPem, clientKeyPem: keyPem }),
  );
  ports.push(port);
  await plane.admin.json('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: 'v1.down.example' },
    spec: {
      group: 'down.example',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 10,
      insecureSkipTLSVerify: true,
      service: { name: 'nobody', namespace: 'default', port: 443 },
    },
  });

  await waitFor(
    'the group to be known as failed',
    async () => {
      const discovery = await port.discover({ fresh: true }, signal);
      return discovery.failedGroups.some(({ group }) => group === 'down.example');
    },
    { withinMs: 30_000, everyMs: 20 },
  );

  const thing = { group: 'down.example', version: 'v1', kind: 'Thing', namespace: 'default', name: 'one' };
  await expect(port.get(thing, signal)).rejects.toMatchObject({
    code: 'KUBE_KIND_UNDISCOVERED',
    status: 503,
    retry: 'backoff',
  });
  expect((await port.discover({ fresh: true }, signal)).resources.length).toBeGreaterThan(50);
});

it('keeps fields that the server knows and no model of ours does', async () => {
  const { serverUrl, caPem, certPem, keyPem } = plane.adminCredential;
  const port = openKube(
    completeKubeConfig({ serverUrl, caPem, clientCertPem: certPem, clientKeyPem: keyPem }),
  );
  ports.push(port);
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await port.apply(
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'freeforms.free.example' },
      spec: {
        group: 'free.example',
        scope: 'Cluster',
        names: { kind: 'FreeForm', plural: 'freeforms' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
    strict,
    signal,
  );
  const object = {
    apiVersion: 'free.example/v1',
    kind: 'FreeForm',
    metadata: { name: 'Mixed'.toLowerCase() },
    CamelCase: { lower_case: [{ 'with.dot': null, deep: { er: 1.5 } }], empty: {}, nothing: [] },
  };

  await waitFor(
    'the kind to be served',
    async () => {
      const applied = await port.apply(object, strict, signal).catch(() => undefined);
      return applied !== undefined;
    },
    { withinMs: 30_000, everyMs: 20 },
  );

  const ref = { group: 'free.example', version: 'v1', kind: 'FreeForm', namespace: undefined, name: 'mixed' };
  expect(await port.get(ref, signal)).toMatchObject({
    CamelCase: { lower_case: [{ 'with.dot': null, deep: { er: 1.5 } }], empty: {}, nothing: [] },
  });
});
