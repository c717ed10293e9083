import type { KubeWatchEvent } from '@flotilla/agent/ports';
import type { CaseGroup } from '../contract-case.ts';
import { configMap, zoo, zooDefinition } from '../manifests.ts';
import { untilServed } from '../served.ts';
import type { Story } from '../story.ts';

const configMaps = { group: '', version: 'v1', kind: 'ConfigMap' };

function changes(events: readonly KubeWatchEvent[]): readonly KubeWatchEvent[] {
  return events.filter((event) => event.kind !== 'bookmark');
}

function short(event: KubeWatchEvent): unknown {
  return event.kind === 'bookmark'
    ? event.kind
    : { kind: event.kind, name: event.object.metadata.name, labels: event.object.metadata.labels };
}

async function newestVersion(story: Story): Promise<string> {
  const list = await story.port.list({ kind: configMaps, namespace: story.namespace }, story.signal);
  return list.resourceVersion;
}

/** Watches. */
export const watching: CaseGroup = {
  name: 'watching',
  needs: 'api-server',
  cases: [
    {
      name: 'a watch tells what is made, changed and deleted, in order',
      run: async (story) => {
        const watch = story.watch(
          { kind: configMaps, namespace: story.namespace },
          await newestVersion(story),
        );
        const made = await story.apply(configMap('one', { a: '1' }));
        await story.apply(configMap('one', { a: '2' }));
        await story.apply(configMap('two', {}));
        await story.remove(configMap('one', {}), { uid: made.metadata.uid ?? '' });
        await watch.until('four events', (events) => changes(events).length >= 4);
        await watch.stop();
        story.tell('events', changes(watch.events));
      },
    },
    {
      name: 'a write that changes nothing makes no event',
      run: async (story) => {
        await story.apply(configMap('one', { a: '1' }));
        const watch = story.watch(
          { kind: configMaps, namespace: story.namespace },
          await newestVersion(story),
        );
        await story.apply(configMap('one', { a: '1' }));
        await story.apply(configMap('last', {}));
        await watch.until('the last event', (events) => changes(events).length >= 1);
        await watch.stop();
        story.tell('events', changes(watch.events).map(short));
      },
    },
    {
      name: 'an object that leaves a selection is deleted for it, one that enters is added',
      run: async (story) => {
        const selection = { kind: configMaps, namespace: story.namespace, labelSelector: 'watched' };
        await story.apply(configMap('one', {}, { labels: { watched: 'yes' } }));
        const watch = story.watch(selection, await newestVersion(story));
        await story.patch(configMap('one', {}), {
          metadata: { labels: { watched: null, other: 'x' } },
        } as never);
        await story.patch(configMap('one', {}), { metadata: { labels: { watched: 'again' } } });
        await story.patch(configMap('one', {}), { metadata: { labels: { watched: 'still' } } });
        await watch.until('three events', (events) => changes(events).length >= 3);
        await watch.stop();
        story.tell('events', changes(watch.events).map(short));
      },
    },
    {
      name: 'a watch of one name sees only that',
      run: async (story) => {
        const selection = {
          kind: configMaps,
          namespace: story.namespace,
          fieldSelector: 'metadata.name=two',
        };
        const watch = story.watch(selection, await newestVersion(story));
        await story.apply(configMap('one', {}));
        await story.apply(configMap('two', {}));
        await watch.until('an event', (events) => changes(events).length >= 1);
        await watch.stop();
        story.tell('events', changes(watch.events).map(short));
      },
    },
    {
      name: 'a watch of metadata carries nothing else',
      run: async (story) => {
        const selection = { kind: configMaps, namespace: story.namespace, metadataOnly: true };
        const watch = story.watch(selection, await newestVersion(story));
        const made = await story.apply(configMap('one', { a: '1' }));
        await story.remove(configMap('one', {}), { uid: made.metadata.uid ?? '' });
        await watch.until('two events', (events) => changes(events).length >= 2);
        await watch.stop();
        story.tell('events', changes(watch.events));
      },
    },
    {
      name: 'a watch goes on from any version that is still known',
      run: async (story) => {
        const first = await story.apply(configMap('one', { a: '1' }));
        await story.apply(configMap('one', { a: '2' }));
        await story.apply(configMap('two', {}));
        const selection = { kind: configMaps, namespace: story.namespace };
        const watch = story.watch(selection, first.metadata.resourceVersion ?? '');
        await watch.until('two events', (events) => changes(events).length >= 2);
        await watch.stop();
        story.tell('events', changes(watch.events).map(short));
      },
    },
    {
      name: 'a watch from version 0 starts with what is there',
      run: async (story) => {
        await story.apply(configMap('one', {}));
        await story.apply(configMap('two', {}));
        const watch = story.watch({ kind: configMaps, namespace: story.namespace }, '0');
        await watch.until('two events', (events) => changes(events).length >= 2);
        await watch.stop();
        story.tell('events', changes(watch.events).map(short));
      },
    },
    {
      name: 'a watch that sees nothing gets bookmarks while the server moves on',
      run: async (story) => {
        const watch = story.watch(
          { kind: configMaps, namespace: story.namespace },
          await newestVersion(story),
        );
        // A watch learns only of versions that its kind takes after it was opened, and when that is cannot be seen.
        let number = 0;
        await story.world.until('a bookmark', async () => {
          number += 1;
          const elsewhere = configMap(
            story.unique('elsewhere'),
            { number: String(number) },
            { namespace: 'default' },
          );
          const options = {
            fieldManager: 'contract',
            force: false,
            dryRun: false,
            fieldValidation: 'Strict',
          } as const;
          await story.port.apply(story.object(elsewhere), options, story.signal);
          return watch.events.some((event) => event.kind === 'bookmark');
        });
        await watch.stop();
        const [bookmark] = watch.events;
        story.tell('first event', bookmark?.kind);
        story.tell('has a version', bookmark?.kind === 'bookmark' && Number(bookmark.resourceVersion) > 0);
      },
    },
    {
      name: 'a version that is too old is Expired',
      run: async (story) => {
        const group = `${story.unique('old')}.example`;
        await story.apply(zooDefinition(group));
        await untilServed(story, group);
        const selection = { kind: { group, version: 'v1', kind: 'Zoo' }, namespace: story.namespace };
        await story.apply(zoo(group, 'one', { size: 1 }));
        await story.attempt('watch from version 1', async () => {
          const watch = story.watch(selection, '1');
          await watch.until('an end', () => watch.hasEnded());
          await watch.stop();
        });
      },
    },
    {
      name: 'an aborted watch ends with the reason of its signal',
      run: async (story) => {
        const stop = new AbortController();
        const selection = { kind: configMaps, namespace: story.namespace };
        const version = await newestVersion(story);
        const ended = (async () => {
          for await (const _ of story.port.watch(selection, version, stop.signal));
        })().catch((error: unknown) => error);
        await story.apply(configMap('one', {}));
        stop.abort(new Error('enough'));
        story.tell('ended with', String(await ended));
      },
    },
    {
      name: 'an aborted request ends with the reason of its signal',
      run: async (story) => {
        const ended = await story.port
          .list({ kind: configMaps }, AbortSignal.abort(new Error('too late')))
          .catch((error: unknown) => error);
        story.tell('ended with', String(ended));
      },
    },
  ],
};
