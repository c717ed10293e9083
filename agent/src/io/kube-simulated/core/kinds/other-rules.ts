import type { FieldProblem } from '../refusal.ts';
import type { Value, ValueObject } from '../values.ts';
import {
  isEqual,
  isObject,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
  valueAt,
  withDefaults,
  withValue,
} from '../values.ts';
import type { KindRules } from './kind.ts';
import { mapObject, withLists } from './pod-defaults.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** Ingress. */
export const ingressRules: KindRules = {
  prepareCreate: (object) => ({ ...object, status: { loadBalancer: {} } }),
  validate: validateIngress,
};

/** NetworkPolicy. */
export const networkPolicyRules: KindRules = {
  defaults: (object) =>
    mapObject(object, 'spec', (spec) => {
      const ports = { ports: (port: ValueObject) => withDefaults(port, { protocol: 'TCP' }) };
      const rules = {
        ingress: (rule: ValueObject) => withLists(rule, ports),
        egress: (rule: ValueObject) => withLists(rule, ports),
      };
      const types = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
      return withDefaults(withLists(spec, rules), { policyTypes: types });
    }),
};

/** RoleBinding and ClusterRoleBinding. */
export const bindingRules: KindRules = {
  naming: 'path',
  defaults: (object) =>
    withLists(
      mapObject(object, 'roleRef', (ref) => withDefaults(ref, { apiGroup: rbacGroup })),
      {
        subjects: (subject) =>
          textAt(subject, 'kind') === 'ServiceAccount'
            ? subject
            : withDefaults(subject, { apiGroup: rbacGroup }),
      },
    ),
  validate: (next, old) => {
    if (old === undefined || isEqual(next['roleRef'], old['roleRef'])) return [];
    // The API server prints the refused reference by the names of its Go fields.
    const value = {
      APIGroup: textAt(next, 'roleRef', 'apiGroup'),
      Kind: textAt(next, 'roleRef', 'kind'),
      Name: textAt(next, 'roleRef', 'name'),
    };
    return [{ type: 'Invalid', field: 'roleRef', value, detail: 'cannot change roleRef' }];
  },
};

/** Role and ClusterRole. */
export const roleRules: KindRules = { naming: 'path' };

/** PodDisruptionBudget. */
export const budgetRules: KindRules = {
  prepareCreate: (object) => ({
    ...object,
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  }),
};

const scaleUpDefaults: ValueObject = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

const scaleDownDefaults: ValueObject = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

const cpuMetric: Value = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
};

/** HorizontalPodAutoscaler. */
export const autoscalerRules: KindRules = {
  defaults: (object) =>
    mapObject(object, 'spec', (spec) => {
      const behavior = objectAt(spec, 'behavior');
      const filled = withDefaults(spec, { minReplicas: 1, metrics: [cpuMetric] });
      if (!isObject(spec['behavior'])) return filled;
      return {
        ...filled,
        behavior: {
          scaleUp: withDefaults(objectAt(behavior, 'scaleUp'), scaleUpDefaults),
          scaleDown: withDefaults(objectAt(behavior, 'scaleDown'), scaleDownDefaults),
        },
      };
    }),
  prepareCreate: (object) => ({ ...object, status: {} }),
  validate: validateAutoscaler,
};

/** CustomResourceDefinition. */
export const definitionRules: KindRules = {
  defaults: (object) =>
    mapObject(object, 'spec', (spec) => {
      const kind = textAt(spec, 'names', 'kind');
      const named = mapObject(spec, 'names', (names) =>
        withDefaults(names, { singular: kind.toLowerCase(), listKind: `${kind}List` }),
      );
      return withDefaults(named, { conversion: { strategy: 'None' } });
    }),
  prepareCreate: (object) => ({
    ...object,
    status: {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: objectsAt(object, 'spec', 'versions')
        .filter((version) => version['storage'] === true)
        .map((version) => textAt(version, 'name')),
    },
  }),
  validate: validateDefinition,
};

/** PriorityClass. */
export const priorityClassRules: KindRules = {
  defaults: (object) => withDefaults(object, { preemptionPolicy: 'PreemptLowerPriority' }),
};

/** StorageClass. */
export const storageClassRules: KindRules = {
  defaults: (object) => withDefaults(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  validate: (next, old) => {
    if (old === undefined) return [];
    const fields = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'];
    const changed = fields.filter((field) => !isEqual(next[field], old[field]));
    return changed.map(
      (field): FieldProblem => ({
        type: 'Invalid',
        field,
        value: next[field] ?? null,
        detail: 'field is immutable',
      }),
    );
  },
};

/** IngressClass. */
export const ingressClassRules: KindRules = {
  defaults: (object) =>
    isObject(valueAt(object, 'spec', 'parameters'))
      ? withValue(
          object,
          ['spec', 'parameters'],
          withDefaults(objectAt(object, 'spec', 'parameters'), { scope: 'Cluster' }),
        )
      : object,
};

function validateIngress(next: ValueObject): readonly FieldProblem[] {
  return objectsAt(next, 'spec', 'rules').flatMap((rule, ruleIndex) =>
    objectsAt(rule, 'http', 'paths').flatMap((path, pathIndex): FieldProblem[] => {
      if (textAt(path, 'pathType') !== '') return [];
      const field = `spec.rules[${ruleIndex}].http.paths[${pathIndex}].pathType`;
      return [{ type: 'Required', field, detail: 'pathType must be specified' }];
    }),
  );
}

function validateAutoscaler(next: ValueObject): readonly FieldProblem[] {
  const maximum = numberAt(next, 'spec', 'maxReplicas') ?? 0;
  const minimum = numberAt(next, 'spec', 'minReplicas') ?? 1;
  const problems: FieldProblem[] = [];
  if (maximum < 1)
    problems.push({ type: 'Required', field: 'spec.maxReplicas', detail: 'must be set and greater than 0' });
  if (maximum < minimum)
    problems.push({
      type: 'Invalid',
      field: 'spec.maxReplicas',
      value: maximum,
      detail: 'must be greater than or equal to `minReplicas`',
    });
  return problems;
}

function validateDefinition(next: ValueObject): readonly FieldProblem[] {
  const expected = `${textAt(next, 'spec', 'names', 'plural')}.${textAt(next, 'spec', 'group')}`;
  const name = textAt(next, 'metadata', 'name');
  if (name === expected) return [];
  return [
    {
      type: 'Invalid',
      field: 'metadata.name',
      value: name,
      detail: 'must be spec.names.plural+"."+spec.group',
    },
  ];
}
