import type { CaseGroup } from '../contract-case.ts';
import { configMap } from '../manifests.ts';
import { refused } from '../story.ts';

const otherUid = '00000000-0000-4000-8000-000000000000';

/** Deleting under preconditions. */
export const deletion: CaseGroup = {
  name: 'deletion',
  needs: 'api-server',
  cases: [
    {
      name: 'an object is deleted once, then it is not there',
      run: async (story) => {
        const made = await story.apply(configMap('settings', {}));
        const uid = made.metadata.uid ?? '';
        await story.remove(configMap('settings', {}), { uid });
        await story.remove(configMap('settings', {}), { uid });
        await story.get(configMap('settings', {}));
      },
    },
    {
      name: 'another uid refuses the delete',
      run: async (story) => {
        await story.apply(configMap('settings', {}));
        await refused(story.remove(configMap('settings', {}), { uid: otherUid }));
        await story.get(configMap('settings', {}));
      },
    },
    {
      name: 'an older version refuses the delete',
      run: async (story) => {
        const first = await story.apply(configMap('settings', { a: '1' }));
        const second = await story.apply(configMap('settings', { a: '2' }));
        const uid = first.metadata.uid ?? '';
        await refused(
          story.remove(configMap('settings', {}), { uid, resourceVersion: first.metadata.resourceVersion }),
        );
        await story.remove(configMap('settings', {}), {
          uid,
          resourceVersion: second.metadata.resourceVersion,
        });
      },
    },
    {
      name: 'a dry run deletes nothing but checks the preconditions',
      run: async (story) => {
        const made = await story.apply(configMap('settings', {}));
        await refused(story.remove(configMap('settings', {}), { uid: otherUid, dryRun: true }));
        await story.remove(configMap('settings', {}), { uid: made.metadata.uid ?? '', dryRun: true });
        await story.get(configMap('settings', {}));
      },
    },
    {
      name: 'a finalizer holds the object until it is gone',
      run: async (story) => {
        const made = await story.apply(
          configMap('settings', { a: '1' }, { finalizers: ['example.org/hold'] }),
        );
        const uid = made.metadata.uid ?? '';
        await story.remove(configMap('settings', {}), { uid });
        await story.get(configMap('settings', {}));
        await story.remove(configMap('settings', {}), { uid });
        await story.apply(configMap('settings', { a: '2' }, { finalizers: ['example.org/hold'] }));
        await story.apply(configMap('settings', { a: '2' }));
        await story.get(configMap('settings', {}));
      },
    },
    {
      name: 'an object in a namespace that does not exist is not there',
      run: async (story) => {
        const elsewhere = configMap('settings', {}, { namespace: story.unique('nowhere') });
        await story.get(elsewhere);
        await story.remove(elsewhere, { uid: otherUid });
      },
    },
    {
      name: 'the namespaces of the cluster itself cannot be deleted',
      run: async (story) => {
        for (const name of ['kube-system', 'default']) {
          const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
          const live = await story.peek(namespace);
          await refused(story.remove(namespace, { uid: live?.metadata.uid ?? '', dryRun: true }));
        }
      },
    },
  ],
};
