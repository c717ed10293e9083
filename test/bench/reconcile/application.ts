import { stringify } from 'yaml';

/** One application of the measurement, as somebody applies it. */
export interface Application {
  readonly name: string;
  readonly namespace: string;
  /** Grows with every change; tag of the image. */
  readonly revision: number;
}

/** An object with its path in the API and on which of its applications it tells. */
export interface Manifest {
  readonly path: string;
  readonly object: object;
}

/** Objects of one application. */
export const objectsPerApplication = 4;

/** `app-000` and so on. */
export function applicationName(index: number): string {
  return `app-${String(index).padStart(3, '0')}`;
}

/**
 * What a small service brings: ServiceAccount, Service, Deployment, Ingress. No replicas: pods would be the control plane's work,
 * and it shares the machine with what is measured. A new revision is another image.
 */
export function manifestsOf({ name, namespace, revision }: Application): readonly Manifest[] {
  const labels = { app: name };
  const metadata = { name, namespace, labels };
  const core = `/api/v1/namespaces/${namespace}`;
  const container = {
    name,
    image: `registry.example.org/shop/${name}:1.${revision}`,
    ports: [{ containerPort: 8080 }],
  };
  const backend = { service: { name, port: { number: 80 } } };
  return [
    {
      path: `${core}/serviceaccounts/${name}`,
      object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    },
    {
      path: `${core}/services/${name}`,
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
      },
    },
    {
      path: `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { serviceAccountName: name, containers: [container] } },
        },
      },
    },
    {
      path: `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}`,
      object: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata,
        spec: {
          rules: [
            { host: `${name}.example.org`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
          ],
        },
      },
    },
  ];
}

/** The same as the text of one file. */
export function textOf(application: Application): string {
  return manifestsOf(application)
    .map(({ object }) => stringify(object))
    .join('---\n');
}
