import type { KubeObject, ObjectMeta } from '@flotilla/shared/model';
import { groupKindKey, groupVersionOf } from '@flotilla/shared/model';
import { isRecord } from './fields.ts';

/** Kinds whose verdict follows from their metadata alone: they are watched without spec and status. */
const metadataKinds: ReadonlySet<string> = new Set([
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'LimitRange',
  'ResourceQuota',
  'CronJob.batch',
  'Ingress.networking.k8s.io',
  'IngressClass.networking.k8s.io',
  'NetworkPolicy.networking.k8s.io',
  'Role.rbac.authorization.k8s.io',
  'RoleBinding.rbac.authorization.k8s.io',
  'ClusterRole.rbac.authorization.k8s.io',
  'ClusterRoleBinding.rbac.authorization.k8s.io',
  'PriorityClass.scheduling.k8s.io',
  'RuntimeClass.node.k8s.io',
  'StorageClass.storage.k8s.io',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
]);

/** Whether a watch of the kind may ask for metadata only. */
export function needsMetadataOnly(kind: { readonly group: string; readonly kind: string }): boolean {
  return metadataKinds.has(groupKindKey(kind));
}

/** Members of spec that some rule reads, by kind. */
const specFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['Deployment.apps', ['replicas', 'progressDeadlineSeconds', 'selector']],
  ['ReplicaSet.apps', ['replicas', 'selector']],
  ['StatefulSet.apps', ['replicas', 'updateStrategy', 'selector']],
  ['DaemonSet.apps', ['selector']],
  ['Job.batch', ['suspend', 'selector', 'ttlSecondsAfterFinished']],
  ['Service', ['type', 'clusterIP']],
]);

/** Members of status that the generic steps read of every kind. */
const commonStatus = ['observedGeneration', 'conditions'];

/** Members of status that a kind's own rule reads besides; kinds that are not here keep the replica counters. */
const statusFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', ['phase', 'reason', 'message', 'containerStatuses']],
  ['Namespace', ['phase']],
  ['PersistentVolumeClaim', ['phase']],
  [
    'DaemonSet.apps',
    [
      'desiredNumberScheduled',
      'currentNumberScheduled',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberReady',
    ],
  ],
  ['Job.batch', ['startTime']],
  ['Service', []],
]);

const replicaCounters = [
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'currentReplicas',
  'fullyLabeledReplicas',
  'currentRevision',
  'updateRevision',
];

/**
 * The object with only what health rules read: the live objects of a cluster are kept in memory, so this bounds it.
 * A verdict on the stripped object is the verdict on the whole one (law in strip.laws.test.ts).
 */
export function stripForHealth(object: KubeObject): KubeObject {
  const kind = groupKindKey({ group: groupVersionOf(object.apiVersion).group, kind: object.kind });
  const bare = { apiVersion: object.apiVersion, kind: object.kind, metadata: bareMetadata(object.metadata) };
  if (metadataKinds.has(kind)) return bare;
  const spec = pick(object['spec'], specFields.get(kind) ?? []);
  const status = stripStatus(object['status'], [
    ...commonStatus,
    ...(statusFields.get(kind) ?? replicaCounters),
  ]);
  return {
    ...bare,
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status }),
  };
}

/** The object with everything that a rule in CEL may read: who wrote which field is as large as the rest, and nobody's rule. */
export function wholeForRules(object: KubeObject): KubeObject {
  const { managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function bareMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, generation, deletionTimestamp } = metadata;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}

function stripStatus(status: unknown, names: readonly string[]): object | undefined {
  const picked = pick(status, names);
  if (picked === undefined) return undefined;
  // An empty status and one whose members no rule reads differ: only the first means "not written yet".
  if (Object.keys(picked).length === 0 && isRecord(status) && Object.keys(status).length > 0)
    return { written: true };
  const conditions = picked['conditions'];
  return Array.isArray(conditions) ? { ...picked, conditions: conditions.map(stripCondition) } : picked;
}

function stripCondition(condition: unknown): unknown {
  return pick(condition, ['type', 'status', 'reason', 'message']) ?? condition;
}

function pick(value: unknown, names: readonly string[]): { readonly [name: string]: unknown } | undefined {
  if (!isRecord(value)) return undefined;
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]]),
  );
}
