import type { CaseGroup } from '../contract-case.ts';
import { deployment } from '../manifests.ts';
import { conditionOf, pods, rolledOut, status, tellPods, tellReplicaSets } from '../states.ts';

/** What controllers make of Deployments: their end states. */
export const deployments: CaseGroup = {
  name: 'deployments',
  needs: 'controllers',
  cases: [
    {
      name: 'a Deployment becomes available through a ReplicaSet and its pods',
      run: async (story) => {
        await rolledOut(story, deployment('web', { replicas: 2 }));
        await story.get(deployment('web'));
        await tellReplicaSets(story);
        await tellPods(story);
      },
    },
    {
      name: 'a Deployment is scaled up and down',
      run: async (story) => {
        await rolledOut(story, deployment('web', { replicas: 1 }));
        await rolledOut(story, deployment('web', { replicas: 3 }));
        await rolledOut(story, deployment('web', { replicas: 2 }));
        await story.get(deployment('web'));
        await tellReplicaSets(story);
      },
    },
    {
      name: 'a new image is rolled out in a second ReplicaSet',
      run: async (story) => {
        await rolledOut(story, deployment('web', { replicas: 2 }));
        await rolledOut(story, deployment('web', { replicas: 2, image: 'registry.example/app:2.0' }));
        await story.get(deployment('web'));
        await tellReplicaSets(story);
        await rolledOut(story, deployment('web', { replicas: 2 }));
        await tellReplicaSets(story);
      },
    },
    {
      name: 'a Deployment of no replicas is complete at once',
      run: async (story) => {
        await rolledOut(story, deployment('web', { replicas: 0 }));
        await story.get(deployment('web'));
      },
    },
    {
      name: 'an image that does not exist keeps a Deployment from becoming available',
      run: async (story) => {
        const manifest = deployment('web', {
          replicas: 1,
          image: 'registry.example/app:broken',
          spec: { progressDeadlineSeconds: 2 },
        });
        await story.apply(manifest);
        await story.untilObject(
          manifest,
          'ran out of time',
          (object) => conditionOf(object, 'Progressing')?.['reason'] === 'ProgressDeadlineExceeded',
        );
        await story.get(manifest);
        await tellPods(story);
      },
    },
    {
      name: 'a broken image stops a rollout, and the old pods stay; the next good one goes through',
      run: async (story) => {
        const deadline = { spec: { progressDeadlineSeconds: 2 } };
        await rolledOut(story, deployment('web', { replicas: 2, ...deadline }));
        const broken = deployment('web', { replicas: 2, image: 'registry.example/app:broken', ...deadline });
        await story.apply(broken);
        await story.untilObject(
          broken,
          'ran out of time',
          (object) => conditionOf(object, 'Progressing')?.['reason'] === 'ProgressDeadlineExceeded',
        );
        await story.get(broken);
        await tellPods(story);
        await rolledOut(
          story,
          deployment('web', { replicas: 2, image: 'registry.example/app:3.0', ...deadline }),
        );
        await story.get(deployment('web'));
      },
    },
    {
      name: 'a crashing image is running but never ready',
      run: async (story) => {
        const manifest = deployment('web', { replicas: 1, image: 'registry.example/app:crashing' });
        await story.apply(manifest);
        await story.world.until('a waiting container', async () => {
          const list = await story.port.list({ kind: pods, namespace: story.namespace }, story.signal);
          return JSON.stringify(list.items).includes('CrashLoopBackOff');
        });
        await story.untilObject(manifest, 'is seen', (object) => status(object)['unavailableReplicas'] === 1);
        await tellPods(story);
      },
    },
    {
      name: 'a Deployment that is recreated stops before it starts again',
      run: async (story) => {
        const recreate = { spec: { strategy: { type: 'Recreate' } } };
        await rolledOut(story, deployment('web', { replicas: 2, ...recreate }));
        await rolledOut(
          story,
          deployment('web', { replicas: 2, image: 'registry.example/app:2.0', ...recreate }),
        );
        await story.get(deployment('web'));
      },
    },
  ],
};
