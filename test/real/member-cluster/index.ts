/**
 * A real control plane with an installed agent, for journeys and the demo. Reading order: member-cluster, kubeconfig.
 */
export * from './kubeconfig.ts';
export * from './member-cluster.ts';
