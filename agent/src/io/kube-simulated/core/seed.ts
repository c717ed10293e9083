import { kindNamed } from './controllers/index.ts';
import type { ClusterState } from './state.ts';
import { createObject } from './write/index.ts';

const options = { manager: 'kube-apiserver', subresource: '', isDryRun: false } as const;

/** Puts what a fresh cluster holds: its namespaces, the API server's own Service, and the two system priorities. */
export function seedCluster(state: ClusterState): void {
  for (const name of ['kube-system', 'kube-public', 'kube-node-lease', 'default'])
    createObject(
      state,
      kindNamed('Namespace'),
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      options,
    );
  createObject(
    state,
    kindNamed('Service'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { component: 'apiserver', provider: 'kubernetes' },
      },
      spec: { ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
    },
    options,
  );
  seedPriority(
    state,
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  );
  seedPriority(
    state,
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  );
}

function seedPriority(state: ClusterState, name: string, value: number, description: string): void {
  const object = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    description,
  };
  createObject(state, kindNamed('PriorityClass'), object, options);
}
