import type { FieldProblem } from '../refusal.ts';
import type { Value, ValueObject } from '../values.ts';
import { isEqual, listAt, objectAt, objectsAt, textAt, valueAt, withDefaults } from '../values.ts';
import type { CreateFacts, KindRules } from './kind.ts';
import { defaultPodSpec, mapObject, requestsFromLimits, withLists } from './pod-defaults.ts';
import { validateContainers } from './workload-validate.ts';

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
