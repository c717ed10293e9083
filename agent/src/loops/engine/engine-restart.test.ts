import { describe, expect, it } from 'vitest';
import { fieldAt } from '../../core/index.ts';
import {
  assignmentRef,
  configMap,
  edit,
  eventually,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  type Stage,
  startIn,
  two,
  untilState,
  web,
  writesOf,
} from './engine-world-fixture.ts';

describe('a restart', () => {
  async function settledWorld(stage: Stage): Promise<void> {
    await using engine = startIn(stage.world, stage.agent);
    await hold(stage.world, rowFor(stage.world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    // The status object settles last.
    await eventually(
      () => stage.agent.get(assignmentRef('shop'), never),
      (object) => fieldAt(object, 'status', 'state') === 'Ready',
    );
  }

  it('writes nothing when nothing changed, with hub, bus and Git away', async () => {
    await using stage = openStage();
    const { world, cluster, agent } = stage;
    await settledWorld(stage);
    world.git.isUp = false;
    world.status.isBusUp = false;
    cluster.writes.clear();

    await using engine = startIn(world, agent);
    await untilState(engine, 'shop', 'Ready');
    await eventually(
      () => engine.lastSeq(),
      (seq) => seq > 0,
    );

    expect(writesOf(cluster)).toEqual([]);
  });

  it('corrects what was changed meanwhile', async () => {
    await using stage = openStage();
    const { world, person, agent } = stage;
    await settledWorld(stage);
    world.git.isUp = false;
    await edit(person, web, { spec: { replicas: 4 } });

    await using engine = startIn(world, agent);
    await eventually(
      () => agent.get(web, never),
      (object) => fieldAt(object, 'spec', 'replicas') === 1,
    );
    await untilState(engine, 'shop', 'Ready');
  });

  it('keeps counting reports up', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await settledWorld(stage);
    const before = world.status.published.at(-1)!.seq;
    await using engine = startIn(world, agent);
    await eventually(
      () => engine.lastSeq(),
      (seq) => seq > before,
    );
    await eventually(
      () => world.status.published.at(-1)!.seq,
      (seq) => seq > before,
    );
  });

  it('finds its objects again when the journal was lost', async () => {
    await using stage = openStage();
    const { world, cluster, agent } = stage;
    await settledWorld(stage);
    await world.store.remove('inventory/shop', never);
    cluster.writes.clear();

    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { 'a.yaml': two['a.yaml'] } }));
    await eventually(
      () => agent.get(web, never),
      (object) => object === undefined,
    );
    await untilState(engine, 'shop', 'Ready');
    expect(writesOf(cluster)).toContain('delete Deployment web');
  });

  it('rolls back to the content before with Git away', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    const first = rowFor(world, { files: { 'a.yaml': configMap('settings', '1') } });
    await using engine = startIn(world, agent);
    await hold(world, first);
    await untilState(engine, 'shop', 'Ready');
    await hold(world, rowFor(world, { files: { 'a.yaml': configMap('settings', '2') } }));
    await eventually(
      () => agent.get(ref('ConfigMap', 'settings'), never),
      (object) => fieldAt(object, 'data', 'value') === '2',
    );
    await untilState(engine, 'shop', 'Ready');
    world.git.isUp = false;

    await hold(world, { ...first, mode: 'rollback', version: { epoch: 1, seq: 10_000 } });
    await eventually(
      () => agent.get(ref('ConfigMap', 'settings'), never),
      (object) => fieldAt(object, 'data', 'value') === '1',
    );
    await untilState(engine, 'shop', 'Ready');
  });
});

describe('an API server that is away', () => {
  it('never makes anything be deleted, and everything goes on when it is back', async () => {
    await using stage = openStage();
    const { world, cluster, agent } = stage;
    cluster.faults.setReachable(false);
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'ApiUnreachable',
    );
    expect(waiting?.state).toBe('Progressing');
    cluster.faults.setReachable(true);
    await untilState(engine, 'shop', 'Ready');
    expect(writesOf(cluster).filter((write) => write.startsWith('delete'))).toEqual([]);
  });

  it('may lose watches and versions without anything being written', async () => {
    await using stage = openStage();
    const { world, cluster, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    cluster.writes.clear();

    cluster.faults.expireVersions();
    cluster.faults.dropWatches();
    await edit(person, web, { spec: { replicas: 3 } });
    await eventually(
      () => agent.get(web, never),
      (object) => fieldAt(object, 'spec', 'replicas') === 1,
    );
    expect(writesOf(cluster)).toEqual(['apply Deployment web']);
    await untilState(engine, 'shop', 'Ready');
  });
});
