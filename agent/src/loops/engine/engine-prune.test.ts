import type { Digest } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import {
  assignmentRef,
  configMap,
  eventually,
  hold,
  namespaceRef,
  never,
  openStage,
  ref,
  removalFor,
  rowFor,
  startIn,
  two,
  untilState,
  web,
  writesOf,
} from './engine-world-fixture.ts';

describe('pruning', () => {
  it('deletes what left the render, after everything else, and narrows the parent', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    cluster.writes.clear();
    const smaller = rowFor(world, { files: { 'a.yaml': configMap('settings', '2') } });

    await hold(world, smaller);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === smaller.version.seq,
    );

    expect(writesOf(cluster)).toEqual([
      'apply Assignment shop',
      'apply ConfigMap settings',
      'delete Deployment web',
      'apply Assignment shop',
    ]);
    expect(await agent.get(web, never)).toBeUndefined();
  });

  it('holds a large prune until exactly that list is permitted', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`c${index}.yaml`, configMap(`c${index}`, 'x')]),
    );
    await hold(world, rowFor(world, { files }));
    await untilState(engine, 'shop', 'Ready');
    const one = { 'c0.yaml': configMap('c0', 'x') };
    await hold(world, rowFor(world, { files: one }));

    const held = await untilState(engine, 'shop', 'Stalled');
    expect(held).toMatchObject({ reason: 'PruneHeld', heldPrune: { total: 11 } });
    expect(writesOf(cluster).filter((write) => write.startsWith('delete'))).toEqual([]);

    await hold(world, rowFor(world, { files: one, permittedPrune: held.heldPrune!.listHash }));
    await untilState(engine, 'shop', 'Ready');
    expect(writesOf(cluster).filter((write) => write.startsWith('delete'))).toHaveLength(11);
  });

  it('of a removal holds protected kinds until exactly that list is permitted, and no other', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    const space = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: apart}\n';
    await hold(world, rowFor(world, { files: { ...two, 'space.yaml': space } }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, removalFor('shop'));
    const held = await eventually(
      () => engine.reports()[0]?.heldPrune,
      (one) => one?.total === 1,
    );

    const wrong = removalFor('shop', 'prune', 'a'.repeat(64) as Digest);
    await hold(world, wrong);
    const again = await eventually(
      () => engine.reports()[0],
      (one) => one?.version.seq === wrong.version.seq && one.heldPrune !== undefined,
    );
    expect(again?.heldPrune).toEqual(held);
    const deletesOf = (kind: string) => writesOf(cluster).filter((one) => one.startsWith(`delete ${kind} `));
    expect(deletesOf('Namespace')).toEqual([]);

    await hold(world, removalFor('shop', 'prune', held!.listHash));
    await untilState(engine, 'shop', 'Removed');
    expect(deletesOf('Namespace')).toEqual(['delete Namespace apart']);
  });

  it('removes an assignment with its objects, and the object that stood for it', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');

    await hold(world, removalFor('shop'));
    await untilState(engine, 'shop', 'Removed');

    expect(await agent.get(ref('ConfigMap', 'settings'), never)).toBeUndefined();
    expect(await agent.get(web, never)).toBeUndefined();
    expect(await agent.get(assignmentRef('shop'), never)).toBeUndefined();
    expect(await world.store.list('inventory/', never)).toEqual([]);
    // The namespace was only made sure of.
    expect(await agent.get(namespaceRef('shop'), never)).toBeDefined();
  });

  it('orphans by taking its labels and its mark off', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');

    await hold(world, removalFor('shop', 'orphan'));
    await untilState(engine, 'shop', 'Removed');

    const left = (await agent.get(web, never))?.metadata;
    expect(left?.labels ?? {}).toEqual({});
    expect(left?.annotations ?? {}).not.toHaveProperty('flotilla.dev/owner');
    expect(writesOf(cluster).filter((write) => write.startsWith('delete'))).toEqual([
      'delete Assignment shop',
    ]);
  });

  it('hands an object that moves to another placement over without deleting it', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { placement: 'one', files: two }));
    await untilState(engine, 'one', 'Ready');
    const uid = (await agent.get(web, never))?.metadata.uid;

    const moved = { 'b.yaml': two['b.yaml'] };
    await hold(
      world,
      rowFor(world, { placement: 'one', files: { 'a.yaml': two['a.yaml'] } }),
      rowFor(world, { placement: 'two', files: moved }),
    );
    await untilState(engine, 'two', 'Ready');
    await untilState(engine, 'one', 'Ready');

    expect((await agent.get(web, never))?.metadata).toMatchObject({
      uid,
      labels: { 'flotilla.dev/assignment': 'two' },
    });
    expect(writesOf(cluster).filter((write) => write.startsWith('delete'))).toEqual([]);
  });

  it('never touches what somebody else made under the same name', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    await using engine = startIn(world, agent);
    await person.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      { fieldManager: 'kubectl', dryRun: false },
      never,
    );
    await person.create(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: 'shop' },
        data: { value: 'theirs' },
      },
      { fieldManager: 'kubectl', dryRun: false },
      never,
    );
    await hold(world, rowFor(world, { files: { 'a.yaml': configMap('settings', 'ours') } }));

    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled.text).toContain('kubectl');
    await hold(world, removalFor('shop'));
    await untilState(engine, 'shop', 'Removed');

    expect(await agent.get(ref('ConfigMap', 'settings'), never)).toMatchObject({ data: { value: 'theirs' } });
    expect(writesOf(cluster).filter((write) => write.includes('settings'))).toEqual([]);
  });

  it('takes over what is equal already', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await person.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      { fieldManager: 'kubectl', dryRun: false },
      never,
    );
    await person.create(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: 'shop' },
        data: { value: 'same' },
      },
      { fieldManager: 'kubectl', dryRun: false },
      never,
    );
    await hold(world, rowFor(world, { files: { 'a.yaml': configMap('settings', 'same') } }));
    await untilState(engine, 'shop', 'Ready');
    expect((await agent.get(ref('ConfigMap', 'settings'), never))?.metadata.labels).toMatchObject({
      'flotilla.dev/assignment': 'shop',
    });
  });
});
