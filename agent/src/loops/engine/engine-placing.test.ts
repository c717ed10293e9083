import { describe, expect, it } from 'vitest';
import {
  configMap,
  eventually,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  startIn,
  two,
  untilState,
  web,
  writesOf,
} from './engine-world-fixture.ts';

const settings = ref('ConfigMap', 'settings');

describe('content of which something may not be where it would go', () => {
  it('is no goal after a restart: what stands on the cluster is neither deleted nor written', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    const row = rowFor(world, { files: two });
    {
      await using engine = startIn(world, agent);
      await hold(world, row);
      await untilState(engine, 'shop', 'Ready');
    }
    const before = writesOf(cluster).length;

    // From now on the agent lives where the set lies: no assignment may touch it there.
    await using engine = startIn(world, agent, { namespace: 'shop' });
    const refused = await untilState(engine, 'shop', 'Stalled');

    expect(refused).toMatchObject({ reason: 'OwnNamespace', text: expect.stringContaining('settings') });
    expect(writesOf(cluster).slice(before)).toEqual([]);
    expect(await agent.get(settings, never)).toBeDefined();
    expect(await agent.get(web, never)).toBeDefined();
  });

  it('is no goal when its last kind turns up and shows a mistake: the rest of it is not applied without', async () => {
    await using stage = openStage();
    const { world, agent, cluster, person } = stage;
    const install = { fieldManager: 'install', dryRun: false };
    await person.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, install, never);
    await using engine = startIn(world, agent);
    const files = {
      'a.yaml': configMap('settings', '1').replace('{name: settings}', '{name: settings, namespace: shop}'),
      'w.yaml': 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 3}\n',
    };
    const wish = { files, render: { namespace: undefined }, apply: { mode: 'atomic' } } as const;
    await hold(world, rowFor(world, wish));
    await eventually(
      () => engine.reports()[0],
      (one) => one?.text.includes('Widget') === true,
    );

    await person.create(widgets, install, never);
    const refused = await eventually(
      () => {
        engine.reconcileNow();
        return engine.reports()[0];
      },
      (one) => one?.reason === 'NamespaceMissing',
    );

    expect(refused).toMatchObject({ state: 'Stalled', text: expect.stringContaining('Widget one') });
    expect(await agent.get(settings, never)).toBeUndefined();
    expect(writesOf(cluster).filter((write) => write.endsWith('settings'))).toEqual([]);
  });
});

const widgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
} as const;
