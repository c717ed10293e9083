import type { Value, ValueObject } from '../values.ts';
import { isObject, objectAt, objectsAt, textAt, valueAt, withDefaults, withValue } from '../values.ts';

/** Defaults of a pod spec, in pods and in templates (k8s.io/kubernetes pkg/apis/core/v1/defaults.go). */
export function defaultPodSpec(spec: ValueObject): ValueObject {
  const account = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount');
  return withLists(
    {
      ...withDefaults(spec, {
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        securityContext: {},
        schedulerName: 'default-scheduler',
      }),
      // The older name of the field is written beside the newer one.
      ...(account === '' ? {} : { serviceAccountName: account, serviceAccount: account }),
    },
    { containers: defaultContainer, initContainers: defaultContainer, volumes: defaultVolume },
  );
}

/** Defaults of `spec.template` of a workload. */
export function defaultTemplate(
  object: ValueObject,
  path: readonly string[] = ['spec', 'template'],
): ValueObject {
  const spec = valueAt(object, ...path, 'spec');
  return isObject(spec) ? withValue(object, [...path, 'spec'], defaultPodSpec(spec)) : object;
}

/** Requests follow limits where only limits are given; pods only, not templates. */
export function requestsFromLimits(spec: ValueObject): ValueObject {
  const fill = (container: ValueObject): ValueObject => {
    const limits = valueAt(container, 'resources', 'limits');
    if (!isObject(limits)) return container;
    const requests = withDefaults(objectAt(container, 'resources', 'requests'), limits);
    return withValue(container, ['resources', 'requests'], requests);
  };
  return withLists(spec, { containers: fill, initContainers: fill });
}

function defaultContainer(container: ValueObject): ValueObject {
  const filled = withDefaults(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicyOf(textAt(container, 'image')),
  });
  const withProbes = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(
    (current, name) => mapObject(current, name, defaultProbe),
    filled,
  );
  return withLists(mapObject(withProbes, 'resources', canonicalResources), {
    ports: (port) => withDefaults(port, { protocol: 'TCP' }),
    env: defaultEnv,
  });
}

/** Always for the tag `latest` and for no tag; a digest counts as a tag of its own. */
function pullPolicyOf(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return 'IfNotPresent';
  const colon = name.lastIndexOf(':');
  return colon < 0 || name.slice(colon) === ':latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: ValueObject): ValueObject {
  const filled = withDefaults(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  const withHttp = mapObject(filled, 'httpGet', (http) => withDefaults(http, { path: '/', scheme: 'HTTP' }));
  return mapObject(withHttp, 'grpc', (grpc) => withDefaults(grpc, { service: '' }));
}

function defaultEnv(env: ValueObject): ValueObject {
  return mapObject(env, 'valueFrom', (source) =>
    mapObject(
      mapObject(source, 'fieldRef', (ref) => withDefaults(ref, { apiVersion: 'v1' })),
      'resourceFieldRef',
      (ref) => withDefaults(ref, { divisor: '0' }),
    ),
  );
}

const volumeModes = ['configMap', 'secret', 'downwardAPI', 'projected'];

function defaultVolume(volume: ValueObject): ValueObject {
  if (Object.keys(volume).every((key) => key === 'name')) return { ...volume, emptyDir: {} };
  const withModes = volumeModes.reduce(
    (current, name) => mapObject(current, name, (source) => withDefaults(source, { defaultMode: 420 })),
    volume,
  );
  const withHost = mapObject(withModes, 'hostPath', (source) => withDefaults(source, { type: '' }));
  const withItems = mapObject(withHost, 'downwardAPI', defaultDownwardItems);
  return mapObject(withItems, 'projected', (projected) =>
    withLists(projected, {
      sources: (source) =>
        mapObject(
          mapObject(source, 'serviceAccountToken', (token) =>
            withDefaults(token, { expirationSeconds: 3600 }),
          ),
          'downwardAPI',
          defaultDownwardItems,
        ),
    }),
  );
}

function defaultDownwardItems(source: ValueObject): ValueObject {
  return withLists(source, {
    items: (item) => mapObject(item, 'fieldRef', (ref) => withDefaults(ref, { apiVersion: 'v1' })),
  });
}

/** Quantities are written in canonical form; only what manifests commonly say is covered: whole numbers and m. */
function canonicalResources(resources: ValueObject): ValueObject {
  const canonical = (amounts: ValueObject): ValueObject =>
    Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, canonicalQuantity(amount)]));
  return mapObject(mapObject(resources, 'limits', canonical), 'requests', canonical);
}

/** `1000m` is `1`, `0.5` is `500m`, 1024Mi is 1Gi; other forms stay. */
export function canonicalQuantity(amount: Value): Value {
  if (typeof amount === 'number') return canonicalQuantity(String(amount));
  if (typeof amount !== 'string') return amount;
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(amount) ?? [];
  const value = Number(digits);
  if (digits === '') return amount;
  if (unit === 'm') return value % 1_000 === 0 ? String(value / 1_000) : amount;
  if (unit === '') return Number.isInteger(value) ? String(value) : `${Math.ceil(value * 1_000)}m`;
  const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  const index = binary.indexOf(unit);
  const next = binary[index + 1];
  if (index < 0 || next === undefined || value === 0) return amount;
  if (!Number.isInteger(value))
    return index === 0 ? amount : canonicalQuantity(`${value * 1_024}${binary[index - 1]}`);
  return value % 1_024 === 0 ? canonicalQuantity(`${value / 1_024}${next}`) : amount;
}

/** Changes the object below a key, where there is one. */
export function mapObject(
  object: ValueObject,
  key: string,
  change: (inner: ValueObject) => ValueObject,
): ValueObject {
  const inner = object[key];
  return isObject(inner) ? { ...object, [key]: change(inner) } : object;
}

/** Changes every object of the lists below some keys, where there are such lists. */
export function withLists(
  object: ValueObject,
  changes: Readonly<Record<string, (item: ValueObject) => ValueObject>>,
): ValueObject {
  const changed: Record<string, Value> = { ...object };
  for (const [key, change] of Object.entries(changes))
    if (Array.isArray(object[key])) changed[key] = objectsAt(object, key).map(change);
  return changed;
}
