import type { CaseGroup } from '../contract-case.ts';
import { configMap, deployment, job, service, statefulSet, template } from '../manifests.ts';
import { refused } from '../story.ts';

const selectorOf = (name: string) => ({ selector: { matchLabels: { app: name } } });

/** What the server refuses because of the kind's own rules. */
export const validation: CaseGroup = {
  name: 'validation',
  needs: 'api-server',
  cases: [
    {
      name: 'the selector of a Deployment is immutable',
      run: async (story) => {
        await story.apply(deployment('web'));
        const moved = { ...selectorOf('other'), template: template('other') };
        await refused(story.apply(deployment('web', { spec: moved })));
        await refused(story.apply(deployment('web', { spec: moved }), { dryRun: true }));
      },
    },
    {
      name: 'a selector must fit the labels of the template',
      run: async (story) => {
        await refused(story.apply(deployment('web', { spec: selectorOf('other') })));
      },
    },
    {
      name: 'a Deployment without selector or containers is refused',
      run: async (story) => {
        await refused(story.apply(deployment('web', { pod: { containers: [] } })));
        await refused(story.apply(deployment('web', { pod: { containers: [{ name: 'main' }] } })));
        await refused(
          story.apply({
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: 'web' },
            spec: { template: template('web') },
          }),
        );
      },
    },
    {
      name: 'most of a StatefulSet is immutable',
      run: async (story) => {
        await story.apply(statefulSet('db', { replicas: 0 }));
        await story.apply(statefulSet('db', { replicas: 1 }));
        await refused(
          story.apply(statefulSet('db', { replicas: 1, spec: { podManagementPolicy: 'Parallel' } })),
        );
        await refused(story.apply(statefulSet('db', { replicas: 1, spec: { serviceName: 'other' } })));
      },
    },
    {
      name: 'the template of a Job is immutable',
      run: async (story) => {
        await story.apply(job('migrate'));
        await story.apply(job('labelled', { metadata: { labels: { app: 'labelled' } } }));
        await refused(story.apply(job('migrate', { image: 'registry.example/app:2.0' }), { dryRun: true }));
        await story.create(
          {
            ...job('migrate', { image: 'registry.example/app:2.0' }),
            metadata: { generateName: 'migrate-' },
          },
          { dryRun: true },
        );
      },
    },
    {
      name: 'the pods of a Job may not restart for ever',
      run: async (story) => {
        await refused(story.apply(job('migrate', { pod: { restartPolicy: 'Always' } })));
      },
    },
    {
      name: 'the address of a Service is immutable',
      run: async (story) => {
        await story.apply(service('web', { clusterIP: 'None' }));
        await refused(story.apply(service('web', { clusterIP: '10.0.0.200' })));
      },
    },
    {
      name: 'a Service must have ports, and names for several',
      run: async (story) => {
        await refused(story.apply(service('web', { ports: [] })));
        await refused(story.apply(service('web', { ports: [{ port: 80 }, { port: 81 }] })));
        await refused(story.apply(service('web', { ports: [{ port: 0, name: 'none' }] })));
      },
    },
    {
      name: 'the data of an immutable ConfigMap cannot change',
      run: async (story) => {
        await story.apply({ ...configMap('settings', { a: '1' }), immutable: true });
        await refused(story.apply({ ...configMap('settings', { a: '2' }), immutable: true }));
        await refused(story.apply(configMap('settings', { a: '1' })));
        await story.apply({ ...configMap('settings', { a: '1' }, { labels: { a: 'b' } }), immutable: true });
      },
    },
    {
      name: 'stringData is written into data, and the type of a Secret is immutable',
      run: async (story) => {
        const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' } };
        await story.apply({ ...secret, stringData: { password: 'grüße' }, data: { raw: 'YQ==' } });
        await story.apply({ ...secret, stringData: { password: 'other' }, data: { raw: 'YQ==' } });
        await refused(story.apply({ ...secret, data: { raw: 'YQ==' }, type: 'example.org/other' }));
      },
    },
    {
      name: 'the role of a binding is immutable',
      run: async (story) => {
        const binding = (name: string) => ({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: 'readers' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
          subjects: [
            { kind: 'ServiceAccount', name: 'reader', namespace: story.namespace },
            { kind: 'Group', name: 'people' },
          ],
        });
        await story.apply(binding('reader'));
        await refused(story.apply(binding('writer')));
      },
    },
    {
      name: 'an autoscaler needs sensible bounds',
      run: async (story) => {
        const autoscaler = (bounds: object) => ({
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata: { name: 'web' },
          spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, ...bounds },
        });
        await refused(story.apply(autoscaler({ minReplicas: 1 })));
        await refused(story.apply(autoscaler({ minReplicas: 3, maxReplicas: 2 })));
        await story.apply(
          autoscaler({ maxReplicas: 4, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } }),
        );
      },
    },
    {
      name: 'the paths of an Ingress need a type',
      run: async (story) => {
        const ingress = (path: object) => ({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { name: 'web' },
          spec: { rules: [{ host: 'web.example', http: { paths: [path] } }] },
        });
        const backend = { service: { name: 'web', port: { number: 80 } } };
        await refused(story.apply(ingress({ path: '/', backend })));
        await story.apply(ingress({ path: '/', pathType: 'Prefix', backend }));
      },
    },
    {
      name: 'a StorageClass keeps its provisioner',
      run: async (story) => {
        const storage = (provisioner: string, more: object = {}) => ({
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: story.unique('disks') },
          provisioner,
          ...more,
        });
        await story.apply(storage('example.org/a'));
        await refused(story.apply(storage('example.org/b')));
        await refused(story.apply(storage('example.org/a', { parameters: { kind: 'fast' } })));
        await refused(story.apply(storage('example.org/a', { reclaimPolicy: 'Retain' })));
        await story.apply(storage('example.org/a', { allowVolumeExpansion: true }));
      },
    },
    {
      name: 'kinds without rules of their own are stored with their defaults',
      run: async (story) => {
        await story.apply({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: 'deny' },
          spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }], egress: [{}] },
        });
        await story.apply({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: story.unique('system:reader') },
          rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
        });
        await story.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } });
        await story.apply({
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: 'leader' },
          spec: { holderIdentity: 'me', leaseDurationSeconds: 15 },
        });
        await story.apply({
          apiVersion: 'v1',
          kind: 'LimitRange',
          metadata: { name: 'limits' },
          spec: { limits: [{ type: 'Container', default: { cpu: '100m' } }] },
        });
        await story.apply({
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name: 'web' },
          spec: { minAvailable: '50%', selector: { matchLabels: { app: 'web' } } },
        });
        await story.apply({
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata: { name: 'nightly' },
          spec: {
            schedule: '0 3 * * *',
            jobTemplate: { spec: { template: template('nightly', { pod: { restartPolicy: 'Never' } }) } },
          },
        });
        await story.apply({
          apiVersion: 'scheduling.k8s.io/v1',
          kind: 'PriorityClass',
          metadata: { name: story.unique('low') },
          value: 10,
        });
        await story.apply({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'IngressClass',
          metadata: { name: story.unique('door') },
          spec: { controller: 'example.org/door' },
        });
      },
    },
    {
      name: 'Services of every type get their addresses',
      run: async (story) => {
        await story.apply(service('inside'));
        await story.apply(service('sticky', { sessionAffinity: 'ClientIP' }));
        await story.apply(service('headless', { clusterIP: 'None' }));
        await story.apply(service('node', { type: 'NodePort' }));
        await story.apply(service('outside', { type: 'LoadBalancer' }));
        await story.apply(service('local', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }));
        await story.apply({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'elsewhere' },
          spec: { type: 'ExternalName', externalName: 'db.example' },
        });
        await story.apply(service('inside', { ports: [{ name: 'http', port: 8080 }] }));
      },
    },
  ],
};
