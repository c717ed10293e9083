import type { CaseGroup } from '../contract-case.ts';
import { configMap, deployment, service, template } from '../manifests.ts';
import { refused } from '../story.ts';

/** What one apply does to one object. */
export const applyBasics: CaseGroup = {
  name: 'apply-basics',
  needs: 'api-server',
  cases: [
    {
      name: 'an apply makes the object and owns exactly what it states',
      run: async (story) => {
        await story.apply(configMap('settings', { mode: 'fast', size: '3' }, { labels: { team: 'a' } }));
        await story.get(configMap('settings', {}));
      },
    },
    {
      name: 'the same apply again takes no version',
      run: async (story) => {
        await story.apply(configMap('settings', { mode: 'fast' }));
        await story.apply(configMap('settings', { mode: 'fast' }));
        await story.apply(configMap('settings', { mode: 'slow' }));
      },
    },
    {
      name: 'the same apply of a defaulted object again takes no version',
      run: async (story) => {
        const manifest = deployment('web', { replicas: 2, pod: { hostNetwork: false, volumes: [] } });
        await story.apply(manifest);
        await story.apply(manifest);
      },
    },
    {
      name: 'a Deployment gets its defaults and counts generations',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 2 }));
        await story.apply(deployment('web', { replicas: 3 }));
        await story.apply(deployment('web', { replicas: 3, metadata: { labels: { a: 'b' } } }));
        await story.apply(deployment('web', { replicas: 3, metadata: { annotations: { a: 'b' } } }));
      },
    },
    {
      name: 'containers, probes, volumes and environment get their defaults',
      run: async (story) => {
        await story.apply(
          deployment('web', {
            pod: {
              serviceAccountName: 'web',
              initContainers: [{ name: 'wait', image: 'registry.example/wait' }],
              containers: [
                {
                  name: 'main',
                  image:
                    'registry.example/app@sha256:0000000000000000000000000000000000000000000000000000000000000000',
                  ports: [{ containerPort: 80 }],
                  env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
                  resources: { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: 0.5 } },
                  livenessProbe: { httpGet: { port: 80 } },
                  readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 3 },
                },
              ],
              volumes: [
                { name: 'scratch' },
                { name: 'settings', configMap: { name: 'settings' } },
                { name: 'keys', secret: { secretName: 'keys' } },
              ],
            },
          }),
        );
      },
    },
    {
      name: 'a dry run answers like a write and stores nothing',
      run: async (story) => {
        await story.apply(configMap('settings', { mode: 'fast' }), { dryRun: true });
        await story.get(configMap('settings', {}));
        await story.apply(configMap('settings', { mode: 'fast' }));
        await story.apply(configMap('settings', { mode: 'slow' }), { dryRun: true });
        await story.get(configMap('settings', {}));
      },
    },
    {
      name: 'an apply into a namespace that does not exist is refused',
      run: async (story) => {
        await refused(story.apply(configMap('settings', {}, { namespace: story.unique('nowhere') })));
      },
    },
    {
      name: 'an invalid name is refused',
      run: async (story) => {
        await refused(story.apply(configMap('Not_A_Name', { a: 'b' })));
        await story.apply(service('8ball'));
        await refused(story.apply(service('with.dot')));
        await refused(story.apply(service('Under_Score')));
        await refused(story.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'with.dot' } }));
      },
    },
    {
      name: 'invalid labels are refused',
      run: async (story) => {
        await refused(story.apply(configMap('settings', {}, { labels: { a: 'not a value' } })));
        await refused(story.apply(configMap('settings', {}, { labels: { 'not a key': 'a' } })));
      },
    },
    {
      name: 'an unknown field is refused',
      run: async (story) => {
        await refused(story.apply(deployment('web', { spec: { replica: 2 } })));
        await refused(
          story.apply(
            deployment('web', { pod: { containers: [{ name: 'a', image: 'b', imagePull: 'c' }] } }),
          ),
        );
        await refused(story.apply({ ...configMap('settings', {}), extra: true }));
      },
    },
    {
      name: 'a value of the wrong type is refused',
      run: async (story) => {
        await refused(story.apply(deployment('web', { spec: { replicas: 'two' } })));
        await refused(story.apply(deployment('web', { spec: { paused: 'yes' } })));
        await refused(story.apply(configMap('settings', { answer: 42 })));
        await refused(story.apply(configMap('settings', { on: true })));
        await refused(story.apply(deployment('web', { pod: { containers: { name: 'a' } } })));
        await refused(story.apply(deployment('web', { spec: { template: ['a'] } })));
      },
    },
    {
      name: 'two items with the same key are refused',
      run: async (story) => {
        const twice = [
          { name: 'main', image: 'a' },
          { name: 'main', image: 'b' },
        ];
        await refused(story.apply(deployment('web', { pod: { containers: twice } })));
      },
    },
    {
      name: 'an item without its key is refused',
      run: async (story) => {
        await refused(story.apply(deployment('web', { pod: { containers: [{ image: 'a' }] } })));
      },
    },
    {
      name: 'managedFields may not be applied',
      run: async (story) => {
        const managedFields = [
          { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} },
        ];
        await refused(story.apply(configMap('settings', {}, { managedFields })));
      },
    },
    {
      name: 'an applied version makes the apply conditional',
      run: async (story) => {
        const first = await story.apply(configMap('settings', { a: '1' }));
        const { resourceVersion } = first.metadata;
        await story.apply(configMap('settings', { a: '2' }, { resourceVersion }));
        await refused(story.apply(configMap('settings', { a: '3' }, { resourceVersion })));
      },
    },
    {
      name: 'an applied null leaves the value to others',
      run: async (story) => {
        await story.apply({
          ...deployment('web'),
          spec: { ...Object(deployment('web')['spec']), replicas: null },
        });
        await story.apply(configMap('settings', { a: null, b: 'c' }));
      },
    },
    {
      name: 'an applied status on the main resource is ignored',
      run: async (story) => {
        await story.apply({ ...deployment('web', { replicas: 1 }), status: { readyReplicas: 7 } });
        await story.get(deployment('web'));
      },
    },
    {
      name: 'empty lists and maps leave no trace but their owner',
      run: async (story) => {
        const container = { name: 'main', image: 'a', args: [], command: [], env: [], resources: {} };
        await story.apply(deployment('web', { pod: { containers: [container], nodeSelector: {} } }));
        await story.apply(configMap('settings', {}, { labels: {}, annotations: {} }));
      },
    },
    {
      name: 'a template may be applied in two kinds without mixing them up',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 0 }));
        await story.apply({
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: { name: 'web' },
          spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template: template('web') },
        });
        await story.get(deployment('web'));
      },
    },
  ],
};
