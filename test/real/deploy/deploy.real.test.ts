import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild } from '../../tools/child.ts';
import { rootFolder } from '../../tools/paths.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { waitFor } from '../waiting.ts';
import {
  applyProfile,
  type Container,
  type Profile,
  profiles,
  readSettingsFiles,
  readWorkload,
} from './profiles.ts';

const runningWithin = { withinMs: 40_000 };
let plane: ControlPlane;
let folder: string;

beforeAll(async () => {
  plane = await startControlPlane({ nodes: 1, label: 'deploy' });
  folder = await mkdtemp(join(tmpdir(), 'flotilla-deploy-'));
  // There is no provisioner: two volumes made by hand, as on a machine without one.
  for (const name of ['volume-1', 'volume-2']) {
    await plane.admin.json('POST', '/api/v1/persistentvolumes', {
      metadata: { name },
      spec: {
        capacity: { storage: '20Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: `/volumes/${name}` },
      },
    });
  }
});

afterAll(async () => {
  await plane.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the real program with a container's arguments and environment, the mounted files in their place. */
async function checkConfig(
  { program }: Profile,
  container: Container,
  files: Readonly<Record<string, string>>,
) {
  const env: Record<string, string> = {};
  for (const { name, value } of container.env ?? []) {
    // What comes from a Secret is the pasted line.
    env[name] = value ?? `hub.example.org:7444/flt1.${'a'.repeat(26)}.${'S'.repeat(43)}.${'P'.repeat(43)}`;
  }
  for (const setting of ['FLOTILLA_CONFIG', 'FLOTILLA_POLICY_FILE']) {
    const file = env[setting];
    if (file === undefined) continue;
    const name = file.slice(file.lastIndexOf('/') + 1);
    const path = join(folder, name);
    env[setting] = path;
    await writeFile(path, files[name] ?? `the ConfigMap has no ${name}`);
  }
  const args = [join(rootFolder, program), ...(container.args ?? []), '--check-config'];
  return await runChild(process.execPath, args, { env, output: 'capture' });
}

function onlyContainer(containers: readonly Container[]): Container {
  expect(containers).toHaveLength(1);
  // toHaveLength has just said that there is one.
  return containers[0] as Container;
}

/** Takes away what a profile runs, so that the next one shows its own; volumes stay. */
async function removeWorkload({ kind, name, namespace }: Profile): Promise<void> {
  await plane.admin.json('DELETE', `/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`);
  await plane.admin.send('DELETE', `/api/v1/namespaces/${namespace}/services`);
  const look = async () => {
    // PodList of core/v1.
    const pods = (await plane.admin.json('GET', `/api/v1/namespaces/${namespace}/pods`)) as {
      readonly items: readonly unknown[];
    };
    return pods.items.length === 0 ? true : undefined;
  };
  await waitFor(`no pod of ${name}`, look, runningWithin);
}

describe.each(profiles)('the manifests of $folder', (profile) => {
  afterAll(() => removeWorkload(profile));

  it('are taken strictly and without a warning, and their pod passes the restricted standard and runs', async () => {
    expect(await applyProfile(plane, profile, folder)).toBe('');
    // Namespace of core/v1.
    const namespace = (await plane.admin.json('GET', `/api/v1/namespaces/${profile.namespace}`)) as {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    };
    expect(namespace.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');

    await waitFor(
      'a Ready pod',
      async () => ((await readWorkload(plane, profile)).status?.readyReplicas === 1 ? true : undefined),
      runningWithin,
    );
  });

  it('name only settings that the program knows, and it finds no mistake in them', async () => {
    const workload = await readWorkload(plane, profile);
    const files = await readSettingsFiles(plane, profile, workload);
    const container = onlyContainer(workload.spec.template.spec.containers);

    const outcome = await checkConfig(profile, container, files);

    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('the configuration is good');
    expect(outcome.stdout).not.toContain('is not known');
  });

  it('name every port that a Service or NetworkPolicy speaks of', async () => {
    const { namespace } = profile;
    const workload = await readWorkload(plane, profile);
    const names = onlyContainer(workload.spec.template.spec.containers).ports?.map(({ name }) => name) ?? [];
    // Lists of core/v1 Service and networking.k8s.io/v1 NetworkPolicy.
    const services = (await plane.admin.json('GET', `/api/v1/namespaces/${namespace}/services`)) as {
      readonly items: readonly {
        readonly spec: { readonly ports: readonly { readonly targetPort: string | number }[] };
      }[];
    };
    const policies = (await plane.admin.json(
      'GET',
      `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
    )) as {
      readonly items: readonly {
        readonly spec: {
          readonly ingress: readonly { readonly ports: readonly { readonly port: string | number }[] }[];
        };
      }[];
    };
    const spoken = [
      ...services.items.flatMap(({ spec }) => spec.ports.map(({ targetPort }) => targetPort)),
      ...policies.items.flatMap(({ spec }) =>
        spec.ingress.flatMap(({ ports }) => ports.map(({ port }) => port)),
      ),
    ];
    expect(spoken.filter((name) => typeof name === 'string' && !names.includes(name))).toEqual([]);
  });
});

describe('the namespaces of deploy', () => {
  it.each(['flotilla-hub', 'flotilla-system'])('%s admits no pod that asks for more', async (namespace) => {
    const answer = await plane.admin.send('POST', `/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: 'careless' },
      spec: { containers: [{ name: 'main', image: 'app:1' }] },
    });
    expect({ status: answer.status, text: answer.text }).toEqual({
      status: 403,
      text: expect.stringContaining('violates PodSecurity \\"restricted'),
    });
  });

  it('give the hub no right of its cluster: it has an account, and no token and no role', async () => {
    const [own] = profiles;
    const roles = await Promise.all(
      [
        '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
        '/apis/rbac.authorization.k8s.io/v1/rolebindings',
      ].map(async (path) => (await plane.admin.send('GET', path)).text),
    );
    expect(own?.namespace).toBe('flotilla-hub');
    expect(roles.filter((text) => text.includes('"flotilla-hub"'))).toEqual([]);
    const account = await plane.admin.json(
      'GET',
      '/api/v1/namespaces/flotilla-hub/serviceaccounts/flotilla-hub',
    );
    expect(account).toMatchObject({ automountServiceAccountToken: false });
  });
});
