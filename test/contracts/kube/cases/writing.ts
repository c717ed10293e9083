import type { CaseGroup } from '../contract-case.ts';
import { configMap, deployment } from '../manifests.ts';
import { refused } from '../story.ts';

/** Creates and merge patches. */
export const writing: CaseGroup = {
  name: 'writing',
  needs: 'api-server',
  cases: [
    {
      name: 'a create owns everything, defaults included',
      run: async (story) => {
        await story.create(deployment('web', { replicas: 1 }));
        await refused(story.create(deployment('web', { replicas: 1 })));
      },
    },
    {
      name: 'a create in a dry run under a generated name says whether the object would be accepted',
      run: async (story) => {
        await story.create({ ...deployment('web'), metadata: { generateName: 'web-' } }, { dryRun: true });
        await refused(
          story.create(
            { ...deployment('web', { pod: { containers: [] } }), metadata: { generateName: 'web-' } },
            { dryRun: true },
          ),
        );
      },
    },
    {
      name: 'a create without any name is refused',
      run: async (story) => {
        await refused(story.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }));
      },
    },
    {
      name: 'an unknown field in a create is refused',
      run: async (story) => {
        await refused(story.create(deployment('web', { spec: { replica: 1 } })));
        await refused(
          story.create(deployment('web', { pod: { containers: [{ name: 'a', image: 'b', x: 1 }], y: 2 } })),
        );
      },
    },
    {
      name: 'a merge patch changes, adds and removes',
      run: async (story) => {
        await story.apply(configMap('settings', { a: '1', b: '2' }, { labels: { keep: 'yes' } }));
        await story.patch(configMap('settings', {}), {
          metadata: { labels: { added: 'yes' } },
          data: { a: '9', b: null, c: '3' },
        });
        await story.patch(configMap('settings', {}), { data: null });
      },
    },
    {
      name: 'a version in a merge patch makes it conditional',
      run: async (story) => {
        const first = await story.apply(configMap('settings', { a: '1' }));
        const { resourceVersion = '' } = first.metadata;
        await story.patch(configMap('settings', {}), { metadata: { resourceVersion }, data: { a: '2' } });
        await refused(
          story.patch(configMap('settings', {}), { metadata: { resourceVersion }, data: { a: '3' } }),
        );
      },
    },
    {
      name: 'a merge patch of an object that is not there is refused',
      run: async (story) => {
        await refused(story.patch(configMap('settings', {}), { data: { a: '1' } }));
      },
    },
    {
      name: 'a merge patch is checked like any write',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1 }));
        await refused(
          story.patch(deployment('web'), { spec: { selector: { matchLabels: { app: 'other' } } } }),
        );
        await refused(story.patch(deployment('web'), { metadata: { labels: { a: 'not a value' } } }));
      },
    },
    {
      name: 'a merge patch replaces lists as a whole',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1 }));
        const containers = [{ name: 'other', image: 'registry.example/other:1' }];
        await story.patch(deployment('web'), { spec: { template: { spec: { containers } } } });
      },
    },
    {
      name: 'a hand edit of a label can be seen and taken back',
      run: async (story) => {
        await story.apply(deployment('web', { replicas: 1, metadata: { labels: { team: 'a' } } }));
        await story.patch(deployment('web'), { metadata: { labels: { team: 'b' } } });
        await story.apply(deployment('web', { replicas: 1, metadata: { labels: { team: 'a' } } }), {
          force: true,
        });
      },
    },
  ],
};
