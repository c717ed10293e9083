import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '@flotilla/shared/kit';
import { readYaml } from '../core/render/yaml.ts';
import { loadInClusterConfig, loadKubeconfig, openKube } from '../io/kube/index.ts';
import { openHelm, openKustomize, openTurns } from '../io/render/index.ts';
import type { HelmPort, KubePort, KustomizePort } from '../ports.ts';
import type { SourceConfig } from './settings.ts';

/** A folder that goes away with what uses it. */
export async function scratchFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-alone-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The render programs, one child at a time. */
export function openRenderers(config: SourceConfig): {
  readonly kustomize: KustomizePort;
  readonly helm: HelmPort;
} {
  const turns = openTurns();
  return {
    kustomize: openKustomize({ program: config.kustomize, turns }),
    helm: openHelm({ program: config.helm, turns }),
  };
}

/** The cluster's API: by kubeconfig, else by the service account of the pod. */
export async function openCluster(
  config: { readonly kubeconfig: string | undefined; readonly kubeContext: string | undefined },
  stack: AsyncDisposableStack,
): Promise<KubePort> {
  const { kubeconfig, kubeContext } = config;
  const settings =
    kubeconfig === undefined
      ? await loadInClusterConfig(readEnvironment())
      : await loadKubeconfig({ path: kubeconfig, ...(kubeContext && { context: kubeContext }) }, readYaml);
  const kube = openKube(settings);
  stack.defer(() => kube.close());
  return kube;
}
