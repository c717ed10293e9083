import type { KubeObject } from '@flotilla/shared/model';
import type { HealthStatus } from './verdict.ts';

/** One row of the golden table: kind, what the API server says, and kstatus' answer. */
export type Row = readonly [
  name: string,
  object: KubeObject,
  status: HealthStatus,
  reason?: string,
  ageMs?: number,
];

/** Test only. */
export function make(apiVersion: string, kind: string, fields: object): KubeObject {
  const { metadata, ...rest } = fields as { metadata?: object };
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'shop', ...metadata }, ...rest };
}

/** Test only. */
export const deployment = (spec: object, status: object, metadata = {}) =>
  make('apps/v1', 'Deployment', { metadata, spec: { progressDeadlineSeconds: 600, ...spec }, status });
/** Test only. */
export const rolledOut = [
  { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
  { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
];
/** Test only. */
export const full = {
  replicas: 2,
  updatedReplicas: 2,
  readyReplicas: 2,
  availableReplicas: 2,
  conditions: rolledOut,
};
/** Test only. */
export const replicaSet = (spec: object, status: object) => make('apps/v1', 'ReplicaSet', { spec, status });
/** Test only. */
export const statefulSet = (spec: object, status: object) => make('apps/v1', 'StatefulSet', { spec, status });
/** Test only. */
export const daemonSet = (status: object, metadata: object = { generation: 1 }) =>
  make('apps/v1', 'DaemonSet', { metadata, status });
/** Test only. */
export const allScheduled = {
  observedGeneration: 1,
  desiredNumberScheduled: 3,
  currentNumberScheduled: 3,
  updatedNumberScheduled: 3,
  numberAvailable: 3,
  numberReady: 3,
};
/** Test only. */
export const pod = (status: object) => make('v1', 'Pod', { status });
/** Test only. */
export const job = (status: object, spec: object = {}) => make('batch/v1', 'Job', { spec, status });
/** Test only. */
export const crd = (conditions: readonly object[]) =>
  make('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions } });
/** Test only. */
export const custom = (status: object | undefined, metadata: object = {}) =>
  make('example.org/v1', 'Widget', { metadata, ...(status === undefined ? {} : { status }) });
