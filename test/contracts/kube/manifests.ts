import type { Manifest } from './story.ts';

/** A ConfigMap. */
export function configMap(
  name: string,
  data: Readonly<Record<string, unknown>>,
  metadata: object = {},
): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A ConfigMap without data: metadata is all that it states. */
export function bareConfigMap(name: string, metadata: object = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata } };
}

/** What of a workload a case chooses. */
export interface Workload {
  readonly replicas?: number;
  readonly image?: string;
  readonly spec?: object;
  readonly pod?: object;
  readonly metadata?: object;
}

/** A pod template with one container `main`. */
export function template(name: string, workload: Workload = {}): object {
  const container = { name: 'main', image: workload.image ?? 'registry.example/app:1.0' };
  return { metadata: { labels: { app: name } }, spec: { containers: [container], ...workload.pod } };
}

/** A Deployment; without `replicas` the manifest has none. */
export function deployment(name: string, workload: Workload = {}): Manifest {
  return workloadOf('Deployment', name, workload);
}

/** A StatefulSet. */
export function statefulSet(name: string, workload: Workload = {}): Manifest {
  return workloadOf('StatefulSet', name, { ...workload, spec: { serviceName: name, ...workload.spec } });
}

/** A DaemonSet. */
export function daemonSet(name: string, workload: Workload = {}): Manifest {
  return workloadOf('DaemonSet', name, workload);
}

/** A Job. */
export function job(name: string, workload: Workload = {}): Manifest {
  const pod = { restartPolicy: 'Never', ...workload.pod };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...workload.metadata },
    spec: { template: template(name, { ...workload, pod }), ...workload.spec },
  };
}

/** A Service with one port. */
export function service(name: string, spec: object = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }], ...spec },
  };
}

/** A CustomResourceDefinition for kind Zoo with a status subresource. */
export function zooDefinition(group: string, extra: object = {}): Manifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `zoos.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Zoo', plural: 'zoos' },
      versions: [
        { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: zooSchema() },
      ],
      ...extra,
    },
  };
}

/** A custom resource of zooDefinition(). */
export function zoo(group: string, name: string, spec: object, metadata: object = {}): Manifest {
  return { apiVersion: `${group}/v1`, kind: 'Zoo', metadata: { name, ...metadata }, spec };
}

function zooSchema(): object {
  const pen = {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, animals: { type: 'array', items: { type: 'string' } } },
  };
  const spec = {
    type: 'object',
    required: ['size'],
    properties: {
      size: { type: 'integer', minimum: 1 },
      title: { type: 'string', default: 'zoo', pattern: '^[a-z]+$' },
      tier: { type: 'string', enum: ['small', 'big'] },
      pens: {
        type: 'array',
        items: pen,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      tags: { type: 'array', items: { type: 'string' } },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
  const condition = { type: 'object', properties: { type: { type: 'string' }, status: { type: 'string' } } };
  const status = {
    type: 'object',
    properties: { ready: { type: 'boolean' }, conditions: { type: 'array', items: condition } },
  };
  return { openAPIV3Schema: { type: 'object', properties: { spec, status } } };
}

function workloadOf(kind: string, name: string, workload: Workload): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, ...workload.metadata },
    spec: {
      ...(workload.replicas === undefined ? {} : { replicas: workload.replicas }),
      selector: { matchLabels: { app: name } },
      template: template(name, workload),
      ...workload.spec,
    },
  };
}
