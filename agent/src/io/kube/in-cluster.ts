import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '@flotilla/shared/base';
import type { KubeConfig } from './config.ts';
import { completeKubeConfig, KubeConfigError } from './config.ts';

/** Where the kubelet mounts a pod's ServiceAccount (Kubernetes documentation, "Accessing the API from a Pod"). */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The environment variables that the kubelet sets in every pod. */
export interface InClusterEnvironment {
  readonly KUBERNETES_SERVICE_HOST?: string | undefined;
  readonly KUBERNETES_SERVICE_PORT?: string | undefined;
}

/** True when the process runs in a pod. */
export function isInCluster(env: InClusterEnvironment): boolean {
  return env.KUBERNETES_SERVICE_HOST !== undefined && env.KUBERNETES_SERVICE_HOST !== '';
}

/** The configuration of a pod: its ServiceAccount's token (kept as a file, it rotates) and the cluster's CA. */
export async function loadInClusterConfig(
  env: InClusterEnvironment,
  folder = serviceAccountFolder,
): Promise<KubeConfig> {
  const host = env.KUBERNETES_SERVICE_HOST;
  if (host === undefined || host === '')
    throw new KubeConfigError('not in a pod: KUBERNETES_SERVICE_HOST is not set; give a kubeconfig instead');
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const caPem = await readFile(join(folder, 'ca.crt'), 'utf8').catch((error: unknown) => {
    throw new KubeConfigError(
      `cannot read the cluster's CA: ${describeError(error)}; is automountServiceAccountToken off?`,
    );
  });
  return completeKubeConfig({
    serverUrl: `https://${bracketed}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`,
    caPem,
    token: { kind: 'file', path: join(folder, 'token') },
  });
}

/** The namespace that this pod runs in. */
export async function readOwnNamespace(folder = serviceAccountFolder): Promise<string> {
  return (await readFile(join(folder, 'namespace'), 'utf8')).trim();
}
