import { openSecretStore } from '@flotilla/agent/io/state-store';
import type { KubePort } from '@flotilla/agent/ports';
import { never } from '../never.ts';
import type { StateStoreWorld } from './suite.ts';

const secretKind = { group: '', version: 'v1', kind: 'Secret' } as const;
const applied = { fieldManager: 'test', force: true, dryRun: false, fieldValidation: 'Strict' } as const;
let count = 0;

/** A namespace of its own on a cluster, for the Secrets of one agent. */
export async function secretWorld(kube: KubePort): Promise<StateStoreWorld & { readonly namespace: string }> {
  count += 1;
  const namespace = `state-${count}`;
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, applied, never);
  return {
    namespace,
    open: async () => openSecretStore({ kube, namespace }),
    async tear(key, which) {
      const { items } = await kube.list({ kind: secretKind, namespace }, never);
      const head = items.find((one) => one.metadata.annotations?.['flotilla.dev/state-key'] === key);
      if (head === undefined) throw new Error(`nothing is stored under ${key}`);
      const torn = Buffer.from('torn').toString('base64');
      const data = { newest: torn, ...(which === 'all' ? { previous: torn } : {}) };
      await kube.mergePatch({ ...secretKind, namespace, name: head.metadata.name }, { data }, applied, never);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
