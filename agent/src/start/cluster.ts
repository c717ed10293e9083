import { describeError } from '@flotilla/shared/base';
import { type Logger, readEnvironment } from '@flotilla/shared/kit';
import type { AgentConfig } from '../config.ts';
import { type KubeConfig, loadInClusterConfig, loadKubeconfig } from '../io/kube/index.ts';
import type { KubePort } from '../ports.ts';

/** How the cluster's API is reached: by the kubeconfig given, else by the pod's own service account. */
export async function kubeConfigOf(config: AgentConfig): Promise<KubeConfig> {
  if (config.kubeconfig !== undefined) {
    const choice = { path: config.kubeconfig, ...(config.kubeContext && { context: config.kubeContext }) };
    // Loaded only here: in a cluster the YAML parser is not needed to find the API server.
    const { parse } = await import('yaml');
    return await loadKubeconfig(choice, (text) => {
      try {
        return { ok: true, value: parse(text) };
      } catch (error) {
        return { ok: false, text: describeError(error) };
      }
    });
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
