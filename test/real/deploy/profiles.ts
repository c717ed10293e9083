import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rootFolder, withTools } from '../../tools/index.ts';
import type { ControlPlane } from '../control-plane/index.ts';

const run = promisify(execFile);

/** A folder that people install with `kubectl apply -k`, and what it runs. */
export interface Profile {
  readonly folder: string;
  readonly namespace: string;
  readonly kind: 'statefulsets' | 'deployments';
  readonly name: string;
  /** The program's entry, and the command that its container runs. */
  readonly program: string;
}

const hub = {
  namespace: 'flotilla-hub',
  kind: 'statefulsets',
  name: 'flotilla-hub',
  program: 'hub/src/main.ts',
} as const;
const agent = {
  namespace: 'flotilla-system',
  kind: 'deployments',
  name: 'flotilla-agent',
  program: 'agent/src/main.ts',
} as const;

/** Every folder of deploy that is meant to be applied. */
export const profiles: readonly Profile[] = [
  { folder: 'deploy/hub/profiles/own-bus', ...hub },
  { folder: 'deploy/hub/profiles/external-bus', ...hub },
  { folder: 'deploy/hub/examples/with-webhook', ...hub },
  { folder: 'deploy/agent/profiles/admin', ...agent },
  { folder: 'deploy/agent/profiles/listed', ...agent },
  { folder: 'deploy/agent/profiles/namespaced', ...agent },
  { folder: 'deploy/agent/examples/state-in-secrets', ...agent },
  { folder: 'deploy/agent/examples/with-policy', ...agent },
];

/** The parts of a container that these tests look at (core/v1 Container). */
export interface Container {
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
}

/** The parts of a StatefulSet or Deployment (apps/v1). */
export interface Workload {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly automountServiceAccountToken?: boolean;
        readonly securityContext: { readonly fsGroupChangePolicy?: string };
        readonly containers: readonly Container[];
        readonly volumes?: readonly {
          readonly name: string;
          readonly configMap?: { readonly name: string };
        }[];
      };
    };
  };
  readonly status?: { readonly readyReplicas?: number };
}

/** Builds a profile as `kubectl apply -k` does and applies it strictly; what kubectl wrote to stderr, '' = no warning. */
export async function applyProfile(plane: ControlPlane, profile: Profile, folder: string): Promise<string> {
  const tools = await withTools('kubectl', 'kustomize');
  const built = await run(tools.kustomize, ['build', join(rootFolder, profile.folder)]);
  const manifest = join(folder, `${profile.folder.replaceAll('/', '-')}.yaml`);
  await writeFile(manifest, built.stdout);
  const apply = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', manifest];
  const said = await run(tools.kubectl, ['--kubeconfig', plane.kubeconfigPath, ...apply]);
  return `${built.stderr}${said.stderr}`;
}

/** The workload as the API server has it. */
export async function readWorkload(plane: ControlPlane, profile: Profile): Promise<Workload> {
  const { kind, name, namespace } = profile;
  // A StatefulSet or Deployment of apps/v1.
  return (await plane.admin.json('GET', `/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`)) as Workload;
}

/** The files of a workload's mounted ConfigMap; none when it mounts none. */
export async function readSettingsFiles(
  plane: ControlPlane,
  { namespace }: Profile,
  workload: Workload,
): Promise<Readonly<Record<string, string>>> {
  const volume = workload.spec.template.spec.volumes?.find((one) => one.configMap !== undefined);
  if (volume?.configMap === undefined) return {};
  const path = `/api/v1/namespaces/${namespace}/configmaps/${volume.configMap.name}`;
  // A ConfigMap of core/v1.
  const live = (await plane.admin.json('GET', path)) as { readonly data?: Readonly<Record<string, string>> };
  return live.data ?? {};
}
