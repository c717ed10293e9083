/**
 * The real Kubernetes adapter: a thin REST client on node:https that loses no field. Reading order: config, in-cluster,
 * kubeconfig, open-kube, paths, http, token, status-body, discovery, discovery-parse, list, watch, line-splitter.
 */
export * from './config.ts';
export * from './in-cluster.ts';
export * from './kubeconfig.ts';
export * from './open-kube.ts';
