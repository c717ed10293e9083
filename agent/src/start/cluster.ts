import { type Logger, readEnvironment } from '@flotilla/shared/kit';
import type { AgentConfig } from '../config.ts';
import { readYaml } from '../core/render/yaml.ts';
import { type KubeConfig, loadInClusterConfig, loadKubeconfig } from '../io/kube/index.ts';
import type { KubePort } from '../ports.ts';

/** How the cluster's API is reached: by the kubeconfig given, else by the pod's own service account. */
export async function kubeConfigOf(config: AgentConfig): Promise<KubeConfig> {
  if (config.kubeconfig !== undefined) {
    const choice = { path: config.kubeconfig, ...(config.kubeContext && { context: config.kubeContext }) };
    return await loadKubeconfig(choice, readYaml);
  }
  return await loadInClusterConfig(readEnvironment());
}

/** A hint for people that the cluster behind a name changed; '' when it cannot be read. */
export async function readKubeSystemUid(kube: KubePort, log: Logger, signal: AbortSignal): Promise<string> {
  try {
    const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: undefined, name: 'kube-system' };
    return (await kube.get(ref, signal))?.metadata.uid ?? '';
  } catch (error) {
    signal.throwIfAborted();
    log.warn('the cluster cannot be read yet', { error });
    return '';
  }
}
