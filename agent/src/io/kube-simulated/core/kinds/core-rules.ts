import type { FieldProblem } from '../refusal.ts';
import type { Value, ValueObject } from '../values.ts';
import {
  isEqual,
  isObject,
  listAt,
  objectAt,
  objectsAt,
  textAt,
  valueAt,
  withDefaults,
  withValue,
} from '../values.ts';
import type { CreateFacts, KindRules } from './kind.ts';
import {
  canonicalQuantity,
  defaultPodSpec,
  mapObject,
  requestsFromLimits,
  withLists,
} from './pod-defaults.ts';
import { immutableFields, validateContainers } from './workload-rules.ts';

/** Namespace. */
export const namespaceRules: KindRules = {
  naming: 'label',
  defaults: (object) =>
    withValue(
      object,
      ['metadata', 'labels', 'kubernetes.io/metadata.name'],
      textAt(object, 'metadata', 'name'),
    ),
  prepareCreate: (object) => ({
    ...object,
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }),
};

/** ConfigMap. */
export const configMapRules: KindRules = { validate: immutableData(['data', 'binaryData']) };

/** Secret; `stringData` is written into `data` and not kept. */
export const secretRules: KindRules = {
  defaults: (object) => withDefaults(foldStringData(object), { type: 'Opaque' }),
  validate: (next, old) => [...immutableData(['data'])(next, old), ...immutableType(next, old)],
};

/** Pod; the defaults of admission are here too (service account, token volume, tolerations, priority). */
export const podRules: KindRules = {
  defaults: (object) =>
    mapObject(object, 'spec', (spec) =>
      requestsFromLimits(defaultPodSpec(withDefaults(spec, { enableServiceLinks: true }))),
    ),
  prepareCreate: preparePod,
  validate: (next, old) =>
    old === undefined ? validateContainers(next, ['spec']) : validatePodUpdate(next, old),
};

/** Service, with its addresses allocated. */
export const serviceRules: KindRules = {
  naming: 'service',
  defaults: (object) => mapObject(object, 'spec', defaultServiceSpec),
  prepareCreate: allocateService,
  prepareUpdate: keepServiceAddresses,
  validate: validateService,
};

/** PersistentVolumeClaim; it stays Pending: nothing provisions. */
export const claimRules: KindRules = {
  defaults: (object) => mapObject(object, 'spec', (spec) => withDefaults(spec, { volumeMode: 'Filesystem' })),
  prepareCreate: (object) => ({
    ...withValue(
      object,
      ['metadata', 'finalizers'],
      [
        ...listAt(object, 'metadata', 'finalizers').filter((one) => one !== 'kubernetes.io/pvc-protection'),
        'kubernetes.io/pvc-protection',
      ],
    ),
    status: { phase: 'Pending' },
  }),
};

/** LimitRange: a default limit is the default request too. */
export const limitRangeRules: KindRules = {
  defaults: (object) =>
    mapObject(object, 'spec', (spec) =>
      withLists(spec, {
        limits: (limit) =>
          isObject(limit['default']) ? withDefaults(limit, { defaultRequest: limit['default'] }) : limit,
      }),
    ),
};

/** ResourceQuota. Nothing is counted against it. */
export const quotaRules: KindRules = { prepareCreate: (object) => ({ ...object, status: {} }) };

function foldStringData(object: ValueObject): ValueObject {
  const { stringData, ...rest } = object;
  if (!isObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, toBase64(String(text))]);
  return { ...rest, data: { ...objectAt(object, 'data'), ...Object.fromEntries(encoded) } };
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function immutableData(fields: readonly string[]) {
  return (next: ValueObject, old: ValueObject | undefined): readonly FieldProblem[] => {
    if (old?.['immutable'] !== true) return [];
    const detail = 'field is immutable when `immutable` is set';
    const problems: FieldProblem[] =
      next['immutable'] === true ? [] : [{ type: 'Forbidden', field: 'immutable', detail }];
    const changed = fields.filter((field) => !isEqual(next[field], old[field]));
    return [...problems, ...changed.map((field) => ({ type: 'Forbidden' as const, field, detail }))];
  };
}

function immutableType(next: ValueObject, old: ValueObject | undefined): readonly FieldProblem[] {
  if (old === undefined || isEqual(next['type'], old['type'])) return [];
  return [{ type: 'Invalid', field: 'type', value: next['type'] ?? null, detail: 'field is immutable' }];
}

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

function preparePod(object: ValueObject, facts: CreateFacts): ValueObject {
  const spec = objectAt(object, 'spec');
  const account = textAt(spec, 'serviceAccountName') || 'default';
  const volume = `kube-api-access-${facts.randomSuffix()}`;
  const mount = (container: ValueObject): ValueObject => ({
    ...container,
    volumeMounts: [...listAt(container, 'volumeMounts'), { name: volume, readOnly: true, mountPath }],
  });
  const wantsToken = spec['automountServiceAccountToken'] !== false;
  const mounted = wantsToken
    ? withLists(
        { ...spec, volumes: [...listAt(spec, 'volumes'), tokenVolume(volume)] },
        {
          containers: mount,
          initContainers: mount,
        },
      )
    : spec;
  const admitted = {
    ...withDefaults(mounted, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' }),
    serviceAccountName: account,
    serviceAccount: account,
    tolerations: [...listAt(spec, 'tolerations'), ...missingTolerations(spec)],
  };
  return { ...object, spec: admitted, status: { phase: 'Pending', qosClass: qosClassOf(spec) } };
}

function tokenVolume(name: string): ValueObject {
  const namespaceItem = {
    path: 'namespace',
    fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
  };
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [namespaceItem] } },
      ],
      defaultMode: 420,
    },
  };
}

function missingTolerations(spec: ValueObject): readonly Value[] {
  const given = objectsAt(spec, 'tolerations').map((toleration) => textAt(toleration, 'key'));
  return ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !given.includes(key) && !given.includes(''))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
}

function qosClassOf(spec: ValueObject): string {
  const resources = objectsAt(spec, 'containers').map((container) => objectAt(container, 'resources'));
  const isNothing = resources.every((one) => Object.keys(one).length === 0);
  if (isNothing) return 'BestEffort';
  const isGuaranteed = resources.every((one) =>
    ['cpu', 'memory'].every((name) => {
      const limit = valueAt(one, 'limits', name);
      return limit !== undefined && isEqual(limit, valueAt(one, 'requests', name) ?? limit);
    }),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

/** Of a running pod only images, labels and a few more may change. */
function validatePodUpdate(next: ValueObject, old: ValueObject): readonly FieldProblem[] {
  const fixed = (object: ValueObject): Value => {
    const { tolerations: _, activeDeadlineSeconds: __, nodeName: ___, ...spec } = objectAt(object, 'spec');
    return withLists(spec, {
      containers: (container) => ({ ...container, image: '' }),
      initContainers: (container) => ({ ...container, image: '' }),
    });
  };
  if (isEqual(fixed(next), fixed(old))) return [];
  return [
    {
      type: 'Forbidden',
      field: 'spec',
      detail:
        'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    },
  ];
}

function defaultServiceSpec(spec: ValueObject): ValueObject {
  const type = textAt(spec, 'type') || 'ClusterIP';
  const isExternalName = type === 'ExternalName';
  const hasNodePorts = type === 'NodePort' || type === 'LoadBalancer';
  const filled = withDefaults(spec, {
    type,
    sessionAffinity: 'None',
    ...(isExternalName ? {} : { internalTrafficPolicy: 'Cluster' }),
    ...(hasNodePorts ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
  });
  return withLists(filled, {
    ports: (port) =>
      withDefaults(port, {
        protocol: 'TCP',
        ...(port['port'] === undefined ? {} : { targetPort: port['port'] }),
      }),
  });
}

function allocateService(object: ValueObject, facts: CreateFacts): ValueObject {
  return mapObject({ ...object, status: { loadBalancer: {} } }, 'spec', (spec) =>
    textAt(spec, 'type') === 'ExternalName' ? spec : withNodePorts(withClusterIp(spec, facts), facts),
  );
}

function withClusterIp(spec: ValueObject, facts: CreateFacts): ValueObject {
  const address = textAt(spec, 'clusterIP') || facts.nextClusterIp();
  return withDefaults(
    { ...spec, clusterIP: address, clusterIPs: [address] },
    { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
  );
}

function withNodePorts(spec: ValueObject, facts: CreateFacts): ValueObject {
  const type = textAt(spec, 'type');
  if (type !== 'NodePort' && type !== 'LoadBalancer') return spec;
  return withLists(spec, {
    ports: (port) => (port['nodePort'] === undefined ? { ...port, nodePort: facts.nextNodePort() } : port),
  });
}

/** An update that says nothing of the allocated addresses keeps them. */
function keepServiceAddresses(next: ValueObject, old: ValueObject): ValueObject {
  const before = objectAt(old, 'spec');
  const kept = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']
    .filter((field) => before[field] !== undefined)
    .map((field): [string, Value] => [field, before[field] ?? null]);
  return mapObject(next, 'spec', (spec) =>
    textAt(spec, 'type') === 'ExternalName' ? spec : withDefaults(spec, Object.fromEntries(kept)),
  );
}

function validateService(next: ValueObject, old: ValueObject | undefined): readonly FieldProblem[] {
  const ports = objectsAt(next, 'spec', 'ports');
  const type = textAt(next, 'spec', 'type');
  const problems: FieldProblem[] = [];
  if (ports.length === 0 && type !== 'ExternalName' && textAt(next, 'spec', 'clusterIP') !== 'None')
    problems.push({ type: 'Required', field: 'spec.ports', detail: '' });
  for (const [index, port] of ports.entries()) {
    if (ports.length > 1 && textAt(port, 'name') === '')
      problems.push({ type: 'Required', field: `spec.ports[${index}].name`, detail: '' });
    const number = port['port'];
    if (typeof number !== 'number' || number < 1 || number > 65_535)
      problems.push({
        type: 'Invalid',
        field: `spec.ports[${index}].port`,
        value: number ?? 0,
        detail: 'must be between 1 and 65535, inclusive',
      });
  }
  if (old === undefined || type === 'ExternalName' || textAt(old, 'spec', 'type') === 'ExternalName')
    return problems;
  if (textAt(next, 'spec', 'clusterIP') === textAt(old, 'spec', 'clusterIP')) return problems;
  const value = valueAt(next, 'spec', 'clusterIPs') ?? null;
  return [
    ...problems,
    { type: 'Invalid', field: 'spec.clusterIPs[0]', value, detail: 'may not change once set' },
  ];
}

/** Fields of a claim that stay as they are; sizes may grow. */
export function immutableClaim(next: ValueObject, old: ValueObject | undefined): readonly FieldProblem[] {
  return immutableFields(next, old, [['accessModes'], ['storageClassName'], ['volumeMode']]);
}

/** Amounts in the form the server writes them. */
export function canonicalAmounts(amounts: ValueObject): ValueObject {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, canonicalQuantity(amount)]),
  );
}
