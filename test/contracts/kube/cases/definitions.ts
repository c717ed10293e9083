import type { CaseGroup } from '../contract-case.ts';
import { configMap, zoo, zooDefinition } from '../manifests.ts';
import { untilServed } from '../served.ts';
import type { Story } from '../story.ts';
import { refused } from '../story.ts';

/** A definition whose kind is served, in a group of this story's own. */
async function servedGroup(story: Story): Promise<string> {
  const group = `${story.unique('zoos')}.example`;
  await story.port.create(
    story.object(zooDefinition(group)),
    { fieldManager: 'contract', dryRun: false },
    story.signal,
  );
  await untilServed(story, group);
  return group;
}

/** Discovery, custom resources and their definitions. */
export const definitions: CaseGroup = {
  name: 'definitions',
  needs: 'api-server',
  cases: [
    {
      name: 'discovery names resource, scope, verbs and status of built-in kinds',
      run: async (story) => {
        const discovery = await story.port.discover({ fresh: true }, story.signal);
        const wanted = ['Deployment', 'ConfigMap', 'Namespace', 'Ingress', 'Job', 'ClusterRole'];
        const wantedGroups = ['', 'apps', 'networking.k8s.io', 'batch', 'rbac.authorization.k8s.io'];
        const found = discovery.resources
          .filter(({ kind, group }) => wanted.includes(kind) && wantedGroups.includes(group))
          .map(({ verbs, ...resource }) => ({
            ...resource,
            verbs: [...verbs].filter((verb) => verb !== 'deletecollection').sort(),
          }))
          .sort((left, right) => (left.kind < right.kind ? -1 : 1));
        story.tell('resources', found);
        story.tell('failed groups', discovery.failedGroups);
      },
    },
    {
      name: 'a kind that is not served is named, and nothing is concluded from it',
      run: async (story) => {
        const group = `${story.unique('none')}.example`;
        await refused(story.get(zoo(group, 'one', {})));
        await refused(story.apply(zoo(group, 'one', {})));
        await refused(story.remove(zoo(group, 'one', {}), { uid: 'x' }));
        await story.attempt('list zoos', () =>
          story.port.list({ kind: { group, version: 'v1', kind: 'Zoo' } }, story.signal),
        );
        await refused(story.apply({ ...configMap('a', {}), apiVersion: 'v2' }));
      },
    },
    {
      name: 'a definition is established, then its kind is served and discovered',
      run: async (story) => {
        const group = `${story.unique('late')}.example`;
        await refused(story.apply(zoo(group, 'early', { size: 1 })));
        await story.apply(zooDefinition(group));
        await untilServed(story, group);
        await story.get(zooDefinition(group));
        await story.world.until('discovery', async () => {
          const discovery = await story.port.discover({ fresh: true }, story.signal);
          return discovery.resources.some((resource) => resource.group === group);
        });
        const discovery = await story.port.discover({ fresh: false }, story.signal);
        story.tell(
          'resource',
          discovery.resources
            .filter((resource) => resource.group === group)
            .map(({ verbs, ...resource }) => ({
              ...resource,
              verbs: [...verbs].filter((verb) => verb !== 'deletecollection').sort(),
            })),
        );
        await story.apply(zoo(group, 'early', { size: 1 }));
      },
    },
    {
      name: 'a definition must be named after its plural and group',
      run: async (story) => {
        const group = `${story.unique('bad')}.example`;
        const misnamed = { ...zooDefinition(group), metadata: { name: `animals.${group}` } };
        await refused(story.apply(misnamed));
      },
    },
    {
      name: 'a changed definition keeps serving its kind',
      run: async (story) => {
        const group = `${story.unique('grows')}.example`;
        await story.apply(zooDefinition(group));
        await untilServed(story, group);
        await story.apply({
          ...zooDefinition(group),
          metadata: { name: `zoos.${group}`, labels: { a: 'b' } },
        });
        await story.apply(zoo(group, 'one', { size: 1 }));
      },
    },
    {
      name: 'a custom resource gets defaults and counts generations',
      run: async (story) => {
        const group = await servedGroup(story);
        await story.apply(zoo(group, 'one', { size: 1, free: { any: [1, { a: 'b' }] } }));
        await story.apply(zoo(group, 'one', { size: 1, free: { any: [1, { a: 'b' }] } }));
        await story.apply(zoo(group, 'one', { size: 2 }));
        await story.apply(zoo(group, 'one', { size: 2 }, { labels: { a: 'b' } }));
      },
    },
    {
      name: 'an unknown field of a custom resource is refused',
      run: async (story) => {
        const group = await servedGroup(story);
        await refused(story.apply(zoo(group, 'one', { size: 1, colour: 'red' })));
        await story.apply(zoo(group, 'one', { size: 1, free: { colour: 'red' } }));
      },
    },
    {
      name: 'a custom resource is checked against its schema',
      run: async (story) => {
        const group = await servedGroup(story);
        await refused(story.apply(zoo(group, 'one', {})));
        await refused(story.apply(zoo(group, 'one', { size: 0 })));
        await refused(story.apply(zoo(group, 'one', { size: 'big' })));
        await refused(story.apply(zoo(group, 'one', { size: 1, tier: 'huge' })));
        await refused(story.apply(zoo(group, 'one', { size: 1, title: 'UPPER' })));
        await refused(story.apply(zoo(group, 'one', { size: 1, tags: ['a', 2] })));
        await refused(story.apply(zoo(group, 'one', { size: 1.5 })));
      },
    },
    {
      name: 'lists of a custom resource merge as its schema says',
      run: async (story) => {
        const group = await servedGroup(story);
        const pens = (...names: readonly string[]) => ({
          pens: names.map((name) => ({ name, animals: [name] })),
        });
        await story.apply(zoo(group, 'one', { size: 1, ...pens('apes') }));
        await story.apply(zoo(group, 'one', { ...pens('bears') }), { as: 'other' });
        await refused(
          story.apply(zoo(group, 'one', { pens: [{ name: 'apes', animals: ['none'] }] }), { as: 'other' }),
        );
        await story.apply(zoo(group, 'one', { size: 1 }));
        await story.apply(zoo(group, 'one', { size: 1, tags: ['a'] }));
        await refused(story.apply(zoo(group, 'one', { tags: ['a', 'b'] }), { as: 'other' }));
      },
    },
    {
      name: 'the status of a custom resource is a subresource',
      run: async (story) => {
        const group = await servedGroup(story);
        await story.apply({ ...zoo(group, 'one', { size: 1 }), status: { ready: true } });
        const { spec: _, ...bare } = zoo(group, 'one', {});
        await story.apply({ ...bare, status: { ready: true } }, { as: 'operator', subresource: 'status' });
        await story.apply(zoo(group, 'one', { size: 3 }));
        await refused(
          story.apply({ ...bare, status: { ready: false } }, { as: 'second', subresource: 'status' }),
        );
      },
    },
    {
      name: 'custom resources are listed, watched and deleted like others',
      run: async (story) => {
        const group = await servedGroup(story);
        const kind = { group, version: 'v1', kind: 'Zoo' };
        const made = await story.apply(zoo(group, 'one', { size: 1 }, { labels: { a: 'b' } }));
        await story.apply(zoo(group, 'two', { size: 1 }));
        await story.list({ kind, namespace: story.namespace });
        await story.list(
          { kind, namespace: story.namespace, labelSelector: 'a=b', metadataOnly: true },
          (object) => object,
        );
        const watch = story.watch({ kind, namespace: story.namespace }, made.metadata.resourceVersion ?? '');
        await story.remove(zoo(group, 'one', {}), { uid: made.metadata.uid ?? '' });
        await watch.until(
          'two events',
          (events) => events.filter((event) => event.kind !== 'bookmark').length >= 2,
        );
        await watch.stop();
        story.tell(
          'events',
          watch.events.filter((event) => event.kind !== 'bookmark').map((event) => event),
        );
      },
    },
    {
      name: 'without its definition a kind is not served any more',
      run: async (story) => {
        const group = await servedGroup(story);
        await story.apply(zoo(group, 'one', { size: 1 }));
        const definition = await story.peek(zooDefinition(group));
        await story.port.delete(
          story.ref(zooDefinition(group)),
          {
            uid: definition?.metadata.uid ?? '',
            resourceVersion: undefined,
            propagation: 'Background',
            dryRun: false,
          },
          story.signal,
        );
        await story.untilGone(zooDefinition(group));
        await story.world.until('the kind to go', async () => {
          const discovery = await story.port.discover({ fresh: true }, story.signal);
          return !discovery.resources.some((resource) => resource.group === group);
        });
        await refused(story.get(zoo(group, 'one', {})));
      },
    },
    {
      name: 'a namespaced object without a namespace is refused before it is sent',
      run: async (story) => {
        const { namespace: _, ...metadata } = story.object(configMap('settings', {})).metadata;
        const bare = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
        await story.attempt('apply without a namespace', () =>
          story.port.apply(
            bare,
            { fieldManager: 'flotilla', force: false, dryRun: false, fieldValidation: 'Strict' },
            story.signal,
          ),
        );
      },
    },
    {
      name: 'a cluster-scoped object with a namespace is refused',
      run: async (story) => {
        const role = {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: story.unique('reader'), namespace: 'default' },
          rules: [],
        };
        await refused(story.apply(role));
        await refused(story.create(role));
      },
    },
  ],
};
