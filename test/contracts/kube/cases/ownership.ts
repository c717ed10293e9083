import type { CaseGroup } from '../contract-case.ts';
import { configMap, deployment } from '../manifests.ts';
import { refused } from '../story.ts';

/** Several managers on one object. */
export const ownership: CaseGroup = {
  name: 'ownership',
  needs: 'api-server',
  cases: [
    {
      name: 'two managers share an object without meeting',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1' }));
        await story.apply(configMap('settings', { b: '2' }), { as: 'other' });
        await story.apply(configMap('settings', { a: '3' }));
      },
    },
    {
      name: 'a changed field of another manager is a conflict that names it',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 2 }));
        await refused(story.apply(deployment('web', { replicas: 3 }), { as: 'other' }));
        await story.get(deployment('web'));
      },
    },
    {
      name: 'several conflicts are all named',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 2, image: 'registry.example/app:1' }));
        await refused(
          story.apply(deployment('web', { replicas: 3, image: 'registry.example/app:2' }), { as: 'other' }),
        );
      },
    },
    {
      name: 'conflicts with two managers name both',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1' }));
        await story.apply(configMap('settings', { b: '1' }), { as: 'other' });
        await refused(story.apply(configMap('settings', { a: '2', b: '2' }), { as: 'third' }));
      },
    },
    {
      name: 'force takes the field over',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 2 }));
        await story.apply(deployment('web', { replicas: 3 }), { as: 'other', force: true });
        await refused(story.apply(deployment('web', { replicas: 2 })));
      },
    },
    {
      name: 'a conflict in a dry run is refused too',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1' }));
        await refused(story.apply(configMap('settings', { a: '2' }), { as: 'other', dryRun: true }));
        await story.apply(configMap('settings', { a: '2' }), { as: 'other', dryRun: true, force: true });
        await story.get(configMap('settings', {}));
      },
    },
    {
      name: 'the same value may have two owners, and stays until both let go',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1', b: '1' }));
        await story.apply(configMap('settings', { a: '1' }), { as: 'other' });
        await story.apply(configMap('settings', { b: '1' }));
        await story.apply(configMap('settings', {}), { as: 'other' });
      },
    },
    {
      name: 'a field that is no longer applied goes',
      run: async (story) => {
        const labels = { labels: { one: '1', two: '2' } };
        await story.apply(configMap('settings', { a: '1', b: '2' }, labels));
        await story.apply(configMap('settings', { a: '1' }, { labels: { two: '2' } }));
        await story.apply(configMap('settings', {}));
      },
    },
    {
      name: 'a defaulted field that is no longer applied gets its default back',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 4 }));
        await story.apply(deployment('web'));
      },
    },
    {
      name: 'a field handed over before it is dropped stays',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 4 }));
        await story.patch(deployment('web'), { spec: { replicas: 6 } }, 'autoscaler');
        await story.apply(deployment('web'));
      },
    },
    {
      name: 'a plain write takes ownership, and its conflict says at which version',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 2 }));
        await story.patch(deployment('web'), { spec: { replicas: 5 } });
        await refused(story.apply(deployment('web', { replicas: 2 })));
        await story.apply(deployment('web', { replicas: 2 }), { force: true });
      },
    },
    {
      name: 'an apply that agrees with a plain write shares the field',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1' }));
        await story.patch(configMap('settings', {}), { data: { a: '2' } });
        await story.apply(configMap('settings', { a: '2' }));
      },
    },
    {
      name: 'applying and editing under one name are two managers',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1' }));
        await story.patch(configMap('settings', {}), { data: { b: '2' } }, 'flotilla');
        await story.apply(configMap('settings', {}));
      },
    },
    {
      name: 'what a plain write made is not pruned by an apply',
      run: async (story) => {
        await story.create(configMap('settings', { a: '1', b: '2' }), { as: 'kubectl-create' });
        await story.apply(configMap('settings', { a: '1' }));
        await story.apply(configMap('settings', {}));
      },
    },
    {
      name: 'a plain write that removes a field takes it from its owner',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1', b: '2' }));
        await story.patch(configMap('settings', {}), { data: { b: null } });
        await story.apply(configMap('settings', { a: '1', b: '2' }));
      },
    },
    {
      name: 'a manager that states nothing any more disappears',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1' }));
        await story.apply(configMap('settings', { b: '1' }), { as: 'other' });
        await story.apply(
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } },
          { as: 'other' },
        );
      },
    },
    {
      name: 'an empty map that the server does not keep is a conflict between two managers',
      run: async (story) => {
        await story.apply(configMap('settings', {}));
        await refused(story.apply(configMap('settings', {}), { as: 'other' }));
        await story.apply(configMap('settings', {}));
      },
    },
    {
      name: 'what was there before anybody owned a field has an owner after the first apply',
      run: async (story) => {
        const namespace = (metadata: object = {}) => ({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: story.unique('bare'), ...metadata },
        });
        await story.apply(namespace());
        await story.patch(namespace(), { metadata: { labels: { edited: 'yes' } } });
        await story.apply(namespace());
        await story.apply(namespace({ labels: { team: 'a' } }));
        await refused(story.apply(namespace({ labels: { team: 'a', edited: 'no' } })));
      },
    },
    {
      name: 'what was applied on the client goes with an apply once its fields are moved there',
      run: async (story) => {
        const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
        const made = await story.create(configMap('settings', { a: '1', b: '2' }, { annotations }), {
          as: 'kubectl-client-side-apply',
        });
        const managedFields = (made.metadata.managedFields ?? []).map((entry) => ({
          ...entry,
          manager: 'flotilla',
          operation: 'Apply' as const,
        }));
        await story.patch(configMap('settings', {}), { metadata: { managedFields } }, 'flotilla');
        await story.apply(configMap('settings', { a: '1' }));
      },
    },
    {
      name: 'a plain write that moves fields and changes others owns what it changed',
      run: async (story) => {
        const made = await story.create(configMap('settings', { a: '1', b: '2' }), { as: 'kubectl-create' });
        const managedFields = (made.metadata.managedFields ?? []).map((entry) => ({
          ...entry,
          operation: 'Apply' as const,
        }));
        await story.patch(
          configMap('settings', {}),
          { data: { a: '2' }, metadata: { managedFields } },
          'other',
        );
      },
    },
    {
      name: 'a plain write that changes nothing takes no version',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1' }));
        await story.patch(configMap('settings', {}), { data: { a: '1' } });
      },
    },
  ],
};
