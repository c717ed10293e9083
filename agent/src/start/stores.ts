import { join } from 'node:path';
import type { AgentConfig } from '../config.ts';
import { folderCredentialStore, secretCredentialStore } from '../io/credential-store.ts';
import { openFolderStore, openSecretStore } from '../io/state-store/index.ts';
import type { CredentialStore, KubePort, StateStore } from '../ports.ts';

/** What the agent must not lose: a folder, or Secrets of its namespace. */
export async function openStore(config: AgentConfig, kube: KubePort): Promise<StateStore> {
  return config.stateStore === 'secrets'
    ? openSecretStore({ kube, namespace: config.namespace })
    : await openFolderStore(join(config.stateDir, 'records'));
}

/** As a process from a folder, in a cluster from Secrets of the agent's namespace. */
export function credentialsOf(config: AgentConfig, kube: KubePort): CredentialStore {
  return config.credentialsDir === undefined
    ? secretCredentialStore(kube, config.namespace)
    : folderCredentialStore(config.credentialsDir);
}
