import type { GroupKind } from '@flotilla/shared/model';
import { groupKindKey } from '@flotilla/shared/model';

/**
 * Order of applying; deleting goes the other way. A stage starts when every object of the stages before it was applied
 * or cannot be. `flotilla.dev/wave` and `flotilla.dev/depends-on` go before it (order.ts); deleting knows kinds alone.
 */
export const stages = {
  /** Definitions and namespaces: others cannot exist without them. */
  foundations: 0,
  /** Cluster-wide roles and classes that others refer to. */
  classes: 1,
  /** Identities, rights, configuration and storage of the workloads. */
  configuration: 2,
  /** Workloads, and every kind without a place of its own. */
  workloads: 3,
  /** Custom resources: their controllers and webhooks come with the workloads. */
  customResources: 4,
  /** What intercepts or extends the API: broken ones would hinder everything above. */
  interceptors: 5,
} as const;

const stageByKind: ReadonlyMap<string, number> = new Map([
  ...place(stages.foundations, ['Namespace', 'CustomResourceDefinition.apiextensions.k8s.io']),
  ...place(stages.classes, [
    'ClusterRole.rbac.authorization.k8s.io',
    'ClusterRoleBinding.rbac.authorization.k8s.io',
    'PriorityClass.scheduling.k8s.io',
    'StorageClass.storage.k8s.io',
    'CSIDriver.storage.k8s.io',
    'VolumeSnapshotClass.snapshot.storage.k8s.io',
    'IngressClass.networking.k8s.io',
    'GatewayClass.gateway.networking.k8s.io',
    'RuntimeClass.node.k8s.io',
    'PersistentVolume',
  ]),
  ...place(stages.configuration, [
    'ServiceAccount',
    'Role.rbac.authorization.k8s.io',
    'RoleBinding.rbac.authorization.k8s.io',
    'ConfigMap',
    'Secret',
    'ResourceQuota',
    'LimitRange',
    'PersistentVolumeClaim',
    'NetworkPolicy.networking.k8s.io',
  ]),
  ...place(stages.interceptors, [
    'MutatingWebhookConfiguration.admissionregistration.k8s.io',
    'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
    'MutatingAdmissionPolicy.admissionregistration.k8s.io',
    'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io',
    'ValidatingAdmissionPolicy.admissionregistration.k8s.io',
    'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io',
    'APIService.apiregistration.k8s.io',
  ]),
]);

/** Groups of the API server whose kinds are ordinary workloads although their name has a dot. */
const builtInSuffix = '.k8s.io';

/** The stage of a kind. */
export function stageOf(kind: GroupKind): number {
  const known = stageByKind.get(groupKindKey(kind));
  if (known !== undefined) return known;
  const isCustom = kind.group.includes('.') && !kind.group.endsWith(builtInSuffix);
  return isCustom ? stages.customResources : stages.workloads;
}

/** Kinds whose deletion takes other things with it: an assignment's prune always asks before. */
const protectedKinds: ReadonlySet<string> = new Set([
  'Namespace',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'PersistentVolume',
  'PersistentVolumeClaim',
]);

/** True when a person must allow the deletion of an object of the kind. */
export function isProtected(kind: GroupKind): boolean {
  return protectedKinds.has(groupKindKey(kind));
}

function place(stage: number, kinds: readonly string[]): readonly (readonly [string, number])[] {
  return kinds.map((kind) => [kind, stage] as const);
}
