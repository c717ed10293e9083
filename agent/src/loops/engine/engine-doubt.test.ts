import { describe, expect, it } from 'vitest';
import type { KubePort } from '../../kube-port.ts';
import {
  configMap,
  edit,
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

/** The same port, but for what a person does just before the first delete arrives. */
function withRace(port: KubePort, beforeDelete: () => Promise<unknown>): KubePort {
  let isFirst = true;
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'delete') return value.bind(target);
      return async (...args: Parameters<KubePort['delete']>) => {
        if (isFirst) {
          isFirst = false;
          await beforeDelete();
        }
        return await target.delete(...args);
      };
    },
  });
}

describe('what is not known', () => {
  it('is not Ready: a server that answers no more is believed for less than a minute', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');

    cluster.faults.setReachable(false);
    cluster.faults.dropWatches();

    // Twenty times as fast as the machine: long before the resync would have found it.
    const doubted = await untilState(engine, 'shop', 'Progressing', 10_000);
    expect(doubted).toMatchObject({ healthyForMs: 0 });
    cluster.faults.setReachable(true);
    await untilState(engine, 'shop', 'Ready');
  });

  it('deletes nothing that an assignment may want whose content cannot be fetched yet', async () => {
    await using stage = openStage();
    const { agent, cluster } = stage;
    let failsFor = '';
    const { git } = stage.world;
    const world = {
      ...stage.world,
      git: {
        ...git,
        fetch: async (...args: Parameters<typeof git.fetch>) => {
          if (args[0].trees[0]?.treeId === failsFor) throw new Error('the server hung up');
          return await git.fetch(...args);
        },
      },
    };
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { placement: 'one', files: two }));
    await untilState(engine, 'one', 'Ready');
    const uid = (await agent.get(web, never))?.metadata.uid;

    const receiver = rowFor(world, { placement: 'two', files: { 'b.yaml': two['b.yaml'] } });
    failsFor = receiver.variant.content.trees[0]?.treeId ?? '';
    await hold(world, rowFor(world, { placement: 'one', files: { 'a.yaml': two['a.yaml'] } }), receiver);
    await eventually(
      () => engine.reports(),
      (all) =>
        all.some((one) => one.reason === 'FetchFailed') &&
        all.some((one) => one.reason === 'WaitingForRender'),
    );
    failsFor = '';
    await untilState(engine, 'two', 'Ready');
    await untilState(engine, 'one', 'Ready');

    expect((await agent.get(web, never))?.metadata.uid).toBe(uid);
    expect(writesOf(cluster).filter((write) => write.startsWith('delete'))).toEqual([]);
  });

  it('leaves an object that somebody asked to keep just before its delete arrived', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    const settings = ref('ConfigMap', 'settings');
    const racing = withRace(agent, () =>
      edit(person, settings, { metadata: { annotations: { 'flotilla.dev/prune': 'disabled' } } }),
    );
    await using engine = startIn(world, racing);
    await hold(world, rowFor(world, { files: { ...two, 'a.yaml': configMap('settings', '1') } }));
    await untilState(engine, 'shop', 'Ready');

    await hold(world, rowFor(world, { files: { 'b.yaml': two['b.yaml'] } }));
    await eventually(
      () => agent.get(settings, never),
      (object) => object?.metadata.labels?.['flotilla.dev/assignment'] === undefined,
    );

    expect(await agent.get(settings, never)).toBeDefined();
    expect(writesOf(cluster).filter((write) => write === 'delete ConfigMap settings')).toEqual([]);
  });
});
