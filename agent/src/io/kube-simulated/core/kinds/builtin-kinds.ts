import { assert } from '@flotilla/shared/base';
import { builtinTypes, parseTypes } from '../schema/index.ts';
import * as core from './core-rules.ts';
import type { Kind, KindRules } from './kind.ts';
import * as other from './other-rules.ts';
import { podRules } from './pod-rules.ts';
import { serviceRules } from './service-rules.ts';
import * as workload from './workload-rules.ts';

/** Verbs that every kind of the simulated cluster has, as discovery lists them (deletecollection is not served). */
export const allVerbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

interface Row {
  readonly kind: string;
  readonly resource: string;
  readonly rules?: KindRules;
  /** Letters: N namespaced, S status subresource, G generation. */
  readonly marks: string;
}

const groups: readonly (readonly [group: string, version: string, rows: readonly Row[]])[] = [
  [
    '',
    'v1',
    [
      { kind: 'ConfigMap', resource: 'configmaps', marks: 'N', rules: core.configMapRules },
      { kind: 'Event', resource: 'events', marks: 'N' },
      { kind: 'LimitRange', resource: 'limitranges', marks: 'N', rules: core.limitRangeRules },
      { kind: 'Namespace', resource: 'namespaces', marks: 'S', rules: core.namespaceRules },
      {
        kind: 'PersistentVolumeClaim',
        resource: 'persistentvolumeclaims',
        marks: 'NS',
        rules: core.claimRules,
      },
      { kind: 'Pod', resource: 'pods', marks: 'NSG', rules: podRules },
      { kind: 'ResourceQuota', resource: 'resourcequotas', marks: 'NS', rules: core.quotaRules },
      { kind: 'Secret', resource: 'secrets', marks: 'N', rules: core.secretRules },
      { kind: 'ServiceAccount', resource: 'serviceaccounts', marks: 'N' },
      { kind: 'Service', resource: 'services', marks: 'NS', rules: serviceRules },
    ],
  ],
  [
    'apps',
    'v1',
    [
      { kind: 'DaemonSet', resource: 'daemonsets', marks: 'NSG', rules: workload.daemonSetRules },
      { kind: 'Deployment', resource: 'deployments', marks: 'NSG', rules: workload.deploymentRules },
      { kind: 'ReplicaSet', resource: 'replicasets', marks: 'NSG', rules: workload.replicaSetRules },
      { kind: 'StatefulSet', resource: 'statefulsets', marks: 'NSG', rules: workload.statefulSetRules },
    ],
  ],
  [
    'autoscaling',
    'v2',
    [
      {
        kind: 'HorizontalPodAutoscaler',
        resource: 'horizontalpodautoscalers',
        marks: 'NS',
        rules: other.autoscalerRules,
      },
    ],
  ],
  [
    'batch',
    'v1',
    [
      { kind: 'CronJob', resource: 'cronjobs', marks: 'NSG', rules: workload.cronJobRules },
      { kind: 'Job', resource: 'jobs', marks: 'NSG', rules: workload.jobRules },
    ],
  ],
  [
    'networking.k8s.io',
    'v1',
    [
      { kind: 'IngressClass', resource: 'ingressclasses', marks: 'G', rules: other.ingressClassRules },
      { kind: 'Ingress', resource: 'ingresses', marks: 'NSG', rules: other.ingressRules },
      { kind: 'NetworkPolicy', resource: 'networkpolicies', marks: 'NG', rules: other.networkPolicyRules },
    ],
  ],
  [
    'policy',
    'v1',
    [
      {
        kind: 'PodDisruptionBudget',
        resource: 'poddisruptionbudgets',
        marks: 'NSG',
        rules: other.budgetRules,
      },
    ],
  ],
  [
    'rbac.authorization.k8s.io',
    'v1',
    [
      { kind: 'ClusterRoleBinding', resource: 'clusterrolebindings', marks: '', rules: other.bindingRules },
      { kind: 'ClusterRole', resource: 'clusterroles', marks: '', rules: other.roleRules },
      { kind: 'RoleBinding', resource: 'rolebindings', marks: 'N', rules: other.bindingRules },
      { kind: 'Role', resource: 'roles', marks: 'N', rules: other.roleRules },
    ],
  ],
  [
    'storage.k8s.io',
    'v1',
    [{ kind: 'StorageClass', resource: 'storageclasses', marks: '', rules: other.storageClassRules }],
  ],
  [
    'apiextensions.k8s.io',
    'v1',
    [
      {
        kind: 'CustomResourceDefinition',
        resource: 'customresourcedefinitions',
        marks: 'SG',
        rules: other.definitionRules,
      },
    ],
  ],
  [
    'scheduling.k8s.io',
    'v1',
    [{ kind: 'PriorityClass', resource: 'priorityclasses', marks: 'G', rules: other.priorityClassRules }],
  ],
  ['coordination.k8s.io', 'v1', [{ kind: 'Lease', resource: 'leases', marks: 'N' }]],
];

/** All built-in kinds, in the order of discovery. Shared by all simulated clusters of a process. */
export const builtinKinds: readonly Kind[] = makeKinds();

function makeKinds(): readonly Kind[] {
  const types = parseTypes(builtinTypes);
  return groups.flatMap(([group, version, rows]) =>
    rows.map((row): Kind => {
      const type = types.get(row.kind);
      assert(type !== undefined, `the generated types hold ${row.kind}`);
      return {
        ...row.rules,
        group,
        version,
        kind: row.kind,
        resource: row.resource,
        isNamespaced: row.marks.includes('N'),
        hasStatus: row.marks.includes('S'),
        hasGeneration: row.marks.includes('G'),
        verbs: allVerbs,
        type,
      };
    }),
  );
}
