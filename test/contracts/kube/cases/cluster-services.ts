import type { KubeObject } from '@flotilla/shared/model';
import type { CaseGroup } from '../contract-case.ts';
import { configMap, deployment } from '../manifests.ts';
import { pods, replicaSets, status } from '../states.ts';
import type { Story } from '../story.ts';
import { refused } from '../story.ts';

function isAvailable(replicas: number): (object: KubeObject) => boolean {
  return (object) =>
    status(object)['availableReplicas'] === replicas &&
    status(object)['replicas'] === replicas &&
    JSON.stringify(status(object)).includes('NewReplicaSetAvailable');
}

async function countOf(story: Story, kind: typeof pods): Promise<number> {
  return (await story.port.list({ kind, namespace: story.namespace }, story.signal)).items.length;
}

function autoscaler(target: string, bounds: object) {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'scaler' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target }, ...bounds },
  };
}

function namespaceOf(story: Story, name: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: story.unique(name) } };
}

/** Controllers that look after namespaces, owners, budgets and sizes. */
export const clusterServices: CaseGroup = {
  name: 'cluster-services',
  needs: 'controllers',
  cases: [
    {
      name: 'a namespace gets its ServiceAccount and CA bundle',
      run: async (story) => {
        await story.apply(namespaceOf(story, 'fresh'));
        const account = {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace: story.unique('fresh') },
        };
        await story.untilObject(account, 'is there', () => true);
        await story.get(account);
        await story.get(namespaceOf(story, 'fresh'));
        const bundle = configMap('kube-root-ca.crt', {}, { namespace: story.unique('fresh') });
        await story.untilObject(bundle, 'is there', () => true);
        const live = await story.peek(bundle);
        story.tell('bundle', live?.metadata);
      },
    },
    {
      name: 'a deleted namespace is emptied, then gone',
      run: async (story) => {
        const made = await story.apply(namespaceOf(story, 'doomed'));
        const held = configMap(
          'held',
          {},
          { namespace: story.unique('doomed'), finalizers: ['example.org/hold'] },
        );
        await story.apply(held);
        await story.apply(configMap('plain', {}, { namespace: story.unique('doomed') }));
        await story.remove(namespaceOf(story, 'doomed'), { uid: made.metadata.uid ?? '' });
        await story.untilGone(configMap('plain', {}, { namespace: story.unique('doomed') }));
        await refused(story.apply(configMap('late', {}, { namespace: story.unique('doomed') })));
        const terminating = await story.peek(namespaceOf(story, 'doomed'));
        story.tell('phase', status(terminating ?? story.object(held))['phase']);
        await story.port.mergePatch(
          story.ref(held),
          { metadata: { finalizers: [] } },
          { fieldManager: 'contract' },
          story.signal,
        );
        await story.untilGone(namespaceOf(story, 'doomed'));
      },
    },
    {
      name: 'what a deleted object owned goes in the background',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 2 }));
        await story.untilObject(deployment('web'), 'is available', isAvailable(2));
        const live = await story.peek(deployment('web'));
        await story.remove(deployment('web'), { uid: live?.metadata.uid ?? '', propagation: 'Background' });
        await story.get(deployment('web'));
        await story.world.until('no pods and sets', async () => {
          return (await countOf(story, replicaSets)) === 0 && (await countOf(story, pods)) === 0;
        });
      },
    },
    {
      name: 'a foreground deletion waits for what the object owned',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1 }));
        await story.untilObject(deployment('web'), 'is available', isAvailable(1));
        const live = await story.peek(deployment('web'));
        await story.remove(deployment('web'), { uid: live?.metadata.uid ?? '', propagation: 'Foreground' });
        await story.untilGone(deployment('web'));
        story.tell('sets left', await countOf(story, replicaSets));
      },
    },
    {
      name: 'an orphan deletion leaves what the object owned',
      run: async (story) => {
        const first = await story.apply(configMap('owner', {}));
        const ownerReferences = [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: first.metadata.uid },
        ];
        await story.apply(configMap('child', {}, { ownerReferences }));
        await story.remove(configMap('owner', {}), { uid: first.metadata.uid ?? '', propagation: 'Orphan' });
        await story.untilGone(configMap('owner', {}));
        await story.untilObject(
          configMap('child', {}),
          'is disowned',
          (object) => object.metadata.ownerReferences === undefined,
        );
        await story.get(configMap('child', {}));
      },
    },
    {
      name: 'an object stays while one of its owners lives',
      run: async (story) => {
        const one = await story.apply(configMap('one', {}));
        const two = await story.apply(configMap('two', {}));
        const owner = (name: string, object: KubeObject) => ({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name,
          uid: object.metadata.uid,
        });
        await story.apply(
          configMap('child', {}, { ownerReferences: [owner('one', one), owner('two', two)] }),
        );
        await story.remove(configMap('one', {}), { uid: one.metadata.uid ?? '' });
        await story.remove(configMap('two', {}), { uid: two.metadata.uid ?? '' });
        await story.untilGone(configMap('child', {}));
      },
    },
    {
      name: 'an autoscaler scales into its bounds and owns the replicas then',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1 }));
        await story.untilObject(deployment('web'), 'is available', isAvailable(1));
        await story.apply(autoscaler('web', { minReplicas: 2, maxReplicas: 4 }));
        await story.untilObject(deployment('web'), 'is scaled', isAvailable(2));
        await story.untilObject(
          autoscaler('web', {}),
          'is settled',
          (object) =>
            status(object)['currentReplicas'] === 2 &&
            JSON.stringify(status(object)).includes('ScalingActive'),
        );
        await story.get(autoscaler('web', {}));
        await story.get(deployment('web'));
        await refused(story.apply(deployment('web', { replicas: 1 })));
        await story.apply(deployment('web'));
      },
    },
    {
      name: 'an autoscaler within its bounds leaves the size alone',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 2 }));
        await story.untilObject(deployment('web'), 'is available', isAvailable(2));
        await story.apply(autoscaler('web', { minReplicas: 1, maxReplicas: 4 }));
        await story.untilObject(autoscaler('web', {}), 'is seen', (object) =>
          JSON.stringify(status(object)).includes('ScalingActive'),
        );
        await story.get(autoscaler('web', {}));
      },
    },
    {
      name: 'an autoscaler without a target says so',
      run: async (story) => {
        await story.apply(autoscaler('missing', { maxReplicas: 4 }));
        await story.untilObject(autoscaler('missing', {}), 'is seen', (object) =>
          JSON.stringify(status(object)).includes('AbleToScale'),
        );
        await story.get(autoscaler('missing', {}));
      },
    },
    {
      name: 'a budget counts the pods it covers',
      run: async (story) => {
        const budget = (name: string, spec: object) => ({
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name },
          spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
        });
        await story.apply(deployment('web', { replicas: 3 }));
        await story.untilObject(deployment('web'), 'is available', isAvailable(3));
        for (const [name, spec] of [
          ['least', { minAvailable: 1 }],
          ['half', { minAvailable: '50%' }],
          ['most', { maxUnavailable: 1 }],
        ] as const) {
          await story.apply(budget(name, spec));
          await story.untilObject(
            budget(name, {}),
            'is counted',
            (object) => status(object)['currentHealthy'] === 3,
          );
          await story.get(budget(name, {}));
        }
      },
    },
    {
      name: 'a claim waits for a volume',
      run: async (story) => {
        const claim = {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'disk' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '1Gi' } },
            storageClassName: '',
          },
        };
        await story.apply(claim);
        await story.get(claim);
      },
    },
    {
      name: 'a quota says what it limits and what is there',
      run: async (story) => {
        const quota = {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'quota' },
          spec: { hard: { pods: '10' } },
        };
        await story.apply(quota);
        await story.untilObject(quota, 'is counted', (object) => status(object)['used'] !== undefined);
        const live = await story.peek(quota);
        story.tell('status', live?.['status']);
      },
    },
  ],
};
