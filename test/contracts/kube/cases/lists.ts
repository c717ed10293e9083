import type { CaseGroup } from '../contract-case.ts';
import { bareConfigMap, configMap, deployment, service } from '../manifests.ts';
import { refused } from '../story.ts';

function containers(...names: readonly string[]): object {
  return { containers: names.map((name) => ({ name, image: `registry.example/${name}:1` })) };
}

function env(...pairs: readonly (readonly [string, string])[]): object {
  const list = pairs.map(([name, value]) => ({ name, value }));
  return { containers: [{ name: 'main', image: 'registry.example/app:1.0', env: list }] };
}

/** Lists that are maps, sets or atomic. */
export const lists: CaseGroup = {
  name: 'lists',
  needs: 'api-server',
  cases: [
    {
      name: 'containers are merged by name',
      run: async (story) => {
        await story.apply(deployment('web', { pod: containers('main') }));
        await story.apply(deployment('web', { pod: containers('sidecar') }), { as: 'injector' });
        await story.apply(deployment('web', { pod: containers('main', 'second') }));
        await story.apply(deployment('web', { pod: containers('main') }));
      },
    },
    {
      name: 'the applied order of items wins',
      run: async (story) => {
        await story.apply(deployment('web', { pod: env(['a', '1'], ['b', '2'], ['c', '3']) }));
        await story.apply(deployment('web', { pod: env(['c', '3'], ['a', '1'], ['d', '4']) }));
      },
    },
    {
      name: 'items of two managers keep their places',
      run: async (story) => {
        await story.apply(deployment('web', { pod: env(['a', '1'], ['b', '2']) }));
        await story.apply(deployment('web', { pod: env(['x', '9'], ['b', '2']) }), { as: 'other' });
        await story.apply(deployment('web', { pod: env(['b', '2'], ['a', '1']) }));
      },
    },
    {
      name: 'a value of one item is a conflict at that item',
      run: async (story) => {
        await story.apply(deployment('web', { pod: env(['a', '1'], ['b', '2']) }));
        await refused(story.apply(deployment('web', { pod: env(['b', '3']) }), { as: 'other' }));
      },
    },
    {
      name: 'ports are told apart by number and protocol',
      run: async (story) => {
        const ports = [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53 },
        ];
        await story.apply(service('dns', { ports }));
        await story.apply(service('dns', { ports: [{ name: 'dns-tcp', port: 53, protocol: 'TCP' }] }));
      },
    },
    {
      name: 'an atomic list has one owner and is replaced as a whole',
      run: async (story) => {
        const args = (...list: readonly string[]) => ({
          containers: [{ name: 'main', image: 'registry.example/app:1.0', args: list }],
        });
        await story.apply(deployment('web', { pod: args('a', 'b') }));
        await story.apply(deployment('web', { pod: args('c') }));
        await refused(story.apply(deployment('web', { pod: args('c', 'd') }), { as: 'other' }));
      },
    },
    {
      name: 'an atomic map has one owner and is replaced as a whole',
      run: async (story) => {
        await story.apply(service('web', { selector: { app: 'web', tier: 'front' } }));
        await story.apply(service('web', { selector: { app: 'web' } }));
        await refused(story.apply(service('web', { selector: { app: 'other' } }), { as: 'other' }));
      },
    },
    {
      name: 'a set is the union of its owners',
      run: async (story) => {
        await story.apply(bareConfigMap('settings', { finalizers: ['example.org/a'] }));
        await story.apply(bareConfigMap('settings', { finalizers: ['example.org/b'] }), { as: 'other' });
        await story.apply(bareConfigMap('settings'));
        await story.apply(bareConfigMap('settings'), { as: 'other' });
      },
    },
    {
      name: 'owner references are told apart by uid',
      run: async (story) => {
        const first = await story.apply(configMap('first', {}));
        const second = await story.apply(configMap('second', {}));
        const owner = (object: typeof first) => ({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: object.metadata.name,
          uid: object.metadata.uid,
        });
        await story.apply(bareConfigMap('child', { ownerReferences: [owner(first)] }));
        await story.apply(bareConfigMap('child', { ownerReferences: [owner(second)] }), { as: 'other' });
        await story.apply(bareConfigMap('child'));
      },
    },
    {
      name: 'pull secrets, volumes and mounts are merged by their keys',
      run: async (story) => {
        const pod = (name: string) => ({
          imagePullSecrets: [{ name }],
          volumes: [{ name, emptyDir: {} }],
          containers: [
            {
              name: 'main',
              image: 'registry.example/app:1.0',
              volumeMounts: [{ name, mountPath: `/${name}` }],
            },
          ],
        });
        await story.apply(deployment('web', { pod: pod('one') }));
        await story.apply(deployment('web', { pod: pod('two') }), { as: 'other' });
        await story.apply(deployment('web'));
      },
    },
    {
      name: 'tolerations are atomic',
      run: async (story) => {
        const tolerating = (...keys: readonly string[]) => ({
          tolerations: keys.map((key) => ({ key, operator: 'Exists' })),
        });
        await story.apply(deployment('web', { pod: tolerating('a', 'b') }));
        await refused(story.apply(deployment('web', { pod: tolerating('c') }), { as: 'other' }));
        await story.apply(deployment('web', { pod: tolerating('c') }), { as: 'other', force: true });
      },
    },
  ],
};
