import type { KubeObject } from '@flotilla/shared/model';
import type { CaseGroup } from '../contract-case.ts';
import { daemonSet, job, service, statefulSet } from '../manifests.ts';
import { conditionOf, status, tellPods } from '../states.ts';
import { refused } from '../story.ts';

/** What controllers make of other workloads: their end states. */
export const workloads: CaseGroup = {
  name: 'workloads',
  needs: 'controllers',
  cases: [
    {
      name: 'a StatefulSet numbers its pods',
      run: async (story) => {
        await story.apply(service('db', { clusterIP: 'None' }));
        const manifest = statefulSet('db', { replicas: 2 });
        await story.apply(manifest);
        await story.untilObject(manifest, 'is ready', (object) => status(object)['availableReplicas'] === 2);
        await story.get(manifest);
        await tellPods(story);
      },
    },
    {
      name: 'a StatefulSet replaces its pods one by one',
      run: async (story) => {
        const ready = (object: KubeObject) =>
          status(object)['availableReplicas'] === 2 &&
          status(object)['updatedReplicas'] === 2 &&
          status(object)['currentReplicas'] === 2 &&
          status(object)['currentRevision'] === status(object)['updateRevision'] &&
          status(object)['observedGeneration'] === object.metadata.generation;
        await story.apply(statefulSet('db', { replicas: 2 }));
        await story.untilObject(statefulSet('db'), 'is ready', ready);
        await story.apply(statefulSet('db', { replicas: 2, image: 'registry.example/app:2.0' }));
        await story.untilObject(statefulSet('db'), 'is rolled out', steadily(ready));
        await story.get(statefulSet('db'));
        await story.apply(statefulSet('db', { replicas: 1, image: 'registry.example/app:2.0' }));
        await story.untilObject(
          statefulSet('db'),
          'is smaller',
          (object) => status(object)['replicas'] === 1 && status(object)['currentReplicas'] === 1,
        );
        await story.get(statefulSet('db'));
      },
    },
    {
      name: 'a DaemonSet has a pod on every node',
      run: async (story) => {
        const ready = (object: KubeObject) =>
          status(object)['numberAvailable'] === 2 &&
          status(object)['updatedNumberScheduled'] === 2 &&
          status(object)['observedGeneration'] === object.metadata.generation;
        await story.apply(daemonSet('agent'));
        await story.untilObject(daemonSet('agent'), 'is ready', ready);
        await story.get(daemonSet('agent'));
        await tellPods(story);
        await story.apply(daemonSet('agent', { image: 'registry.example/app:2.0' }));
        await story.untilObject(daemonSet('agent'), 'is rolled out', ready);
        await story.get(daemonSet('agent'));
      },
    },
    {
      name: 'a Job runs to its end',
      run: async (story) => {
        const complete = (object: KubeObject) => conditionOf(object, 'Complete')?.['status'] === 'True';
        await story.apply(job('migrate'));
        await story.untilObject(job('migrate'), 'is complete', complete);
        await story.get(job('migrate'));
        await tellPods(story);
        await story.apply(job('many', { spec: { completions: 3, parallelism: 2 } }));
        await story.untilObject(job('many'), 'is complete', complete);
        await story.get(job('many'));
      },
    },
    {
      name: 'a suspended Job waits',
      run: async (story) => {
        await story.apply(job('later', { spec: { suspend: true } }));
        await story.untilObject(
          job('later'),
          'is suspended',
          (object) => conditionOf(object, 'Suspended')?.['status'] === 'True',
        );
        await story.get(job('later'));
      },
    },
    {
      name: 'an applied Job again takes no version once it is complete',
      run: async (story) => {
        await story.apply(job('migrate'));
        await story.untilObject(
          job('migrate'),
          'is complete',
          (object) => conditionOf(object, 'Complete')?.['status'] === 'True',
        );
        await story.get(job('migrate'));
        await story.apply(job('migrate'));
        await refused(story.apply(job('migrate', { image: 'registry.example/app:2.0' })));
      },
    },
    {
      name: 'a pod without an owner runs too',
      run: async (story) => {
        const pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'single' },
          spec: { containers: [{ name: 'main', image: 'registry.example/app:1.0' }] },
        };
        await story.apply(pod);
        await story.untilObject(pod, 'runs', (object) => status(object)['phase'] === 'Running');
        await story.get(pod);
        const live = await story.peek(pod);
        await story.remove(pod, { uid: live?.metadata.uid ?? '' });
        await story.untilGone(pod);
      },
    },
  ],
};

/**
 * A condition that holds on so many looks in a row without a write in between: real controllers count from caches, and may
 * write a smaller number once more.
 */
function steadily(isWanted: (object: KubeObject) => boolean): (object: KubeObject) => boolean {
  let version: string | undefined;
  let looks = 0;
  return (object) => {
    const { resourceVersion } = object.metadata;
    looks = isWanted(object) && resourceVersion === version ? looks + 1 : 0;
    version = resourceVersion;
    return looks >= steadyLooks;
  };
}

const steadyLooks = 15;
