import type { CaseGroup } from '../contract-case.ts';
import { configMap } from '../manifests.ts';
import type { Story } from '../story.ts';

const configMaps = { group: '', version: 'v1', kind: 'ConfigMap' };

async function fill(story: Story): Promise<void> {
  const labels: readonly (readonly [string, object])[] = [
    ['plain', {}],
    ['red', { color: 'red' }],
    ['blue', { color: 'blue', size: 'big' }],
    ['green', { color: 'green', 'example.org/owner': 'me' }],
  ];
  for (const [name, set] of labels)
    await story.port.create(
      story.object(configMap(name, {}, { labels: set })),
      { fieldManager: 'contract', dryRun: false },
      story.signal,
    );
}

/** Gets, lists and selectors. */
export const reading: CaseGroup = {
  name: 'reading',
  needs: 'api-server',
  cases: [
    {
      name: 'an object that is not there is undefined',
      run: async (story) => {
        await story.get(configMap('nothing', {}));
      },
    },
    {
      name: 'a list is sorted by name and carries the kind of its items',
      run: async (story) => {
        await fill(story);
        await story.list({ kind: configMaps, namespace: story.namespace });
        await story.list({ kind: configMaps, namespace: story.unique('nowhere') });
      },
    },
    {
      name: 'label selectors choose as kubectl does',
      run: async (story) => {
        await fill(story);
        for (const labelSelector of [
          'color',
          '!color',
          'color=red',
          'color==red',
          'color!=red',
          'color in (red, blue)',
          'color notin (red, blue)',
          'color,size',
          'color in (red,blue),size=big',
          'example.org/owner',
          'size!=big,color',
        ])
          await story.list({ kind: configMaps, namespace: story.namespace, labelSelector });
      },
    },
    {
      name: 'field selectors choose by name and namespace',
      run: async (story) => {
        await fill(story);
        await story.list({
          kind: configMaps,
          namespace: story.namespace,
          fieldSelector: 'metadata.name=red',
        });
        await story.list({
          kind: configMaps,
          namespace: story.namespace,
          fieldSelector: 'metadata.name!=red',
        });
        await story.list({ kind: configMaps, fieldSelector: `metadata.namespace=${story.namespace}` });
        await story.list({
          kind: configMaps,
          namespace: story.namespace,
          labelSelector: 'color',
          fieldSelector: 'metadata.name=plain',
        });
      },
    },
    {
      name: 'a selector that cannot be read is refused',
      run: async (story) => {
        const { namespace } = story;
        for (const labelSelector of ['color=(', '==red'])
          await story.attempt(`list by ${labelSelector}`, () =>
            story.port.list({ kind: configMaps, namespace, labelSelector }, story.signal),
          );
        await story.attempt('list by data.a', () =>
          story.port.list({ kind: configMaps, namespace, fieldSelector: 'data.a=b' }, story.signal),
        );
      },
    },
    {
      name: 'metadata only carries the kind, the metadata and nothing else',
      run: async (story) => {
        await fill(story);
        await story.list(
          {
            kind: configMaps,
            namespace: story.namespace,
            fieldSelector: 'metadata.name=red',
            metadataOnly: true,
          },
          (object) => object,
        );
      },
    },
    {
      name: 'a list over all namespaces covers each',
      run: async (story) => {
        await fill(story);
        const label = story.unique('mark');
        for (const namespace of [story.namespace, 'default'])
          await story.port.create(
            story.object(
              configMap(story.unique('everywhere'), {}, { namespace, labels: { [label]: 'yes' } }),
            ),
            { fieldManager: 'contract', dryRun: false },
            story.signal,
          );
        await story.list({ kind: configMaps, labelSelector: label }, (object) => object.metadata.namespace);
      },
    },
    {
      name: 'many objects are listed as if there were no pages',
      run: async (story) => {
        const names = Array.from({ length: 23 }, (_, number) => `item-${String(number).padStart(2, '0')}`);
        await Promise.all(
          names.map((name) =>
            story.port.create(
              story.object(configMap(name, {})),
              { fieldManager: 'contract', dryRun: false },
              story.signal,
            ),
          ),
        );
        await story.list({ kind: configMaps, namespace: story.namespace }, (object) => object.metadata.name);
      },
    },
    {
      name: 'a list can be watched on from its version',
      run: async (story) => {
        await fill(story);
        const selection = { kind: configMaps, namespace: story.namespace };
        const list = await story.port.list(selection, story.signal);
        const watch = story.watch(selection, list.resourceVersion);
        await story.apply(configMap('later', {}));
        await watch.until('an event', (events) => events.some((event) => event.kind !== 'bookmark'));
        await watch.stop();
        story.tell(
          'events',
          watch.events.map((event) =>
            event.kind === 'bookmark' ? event.kind : [event.kind, event.object.metadata.name],
          ),
        );
      },
    },
    {
      name: 'the version of the server is told',
      run: async (story) => {
        story.tell('version', await story.port.serverVersion(story.signal));
      },
    },
  ],
};
