import { describe, expect, it } from 'vitest';
import type { KubePort } from '../../ports.ts';
import type { Engine } from './engine.ts';
import {
  assignmentRef,
  configMap,
  type EngineWorld,
  edit,
  engineWorld,
  eventually,
  hold,
  never,
  openStage,
  ownerOf,
  ref,
  removalFor,
  rowFor,
  type Stage,
  startIn,
  two,
  untilState,
  web,
} from './engine-world-fixture.ts';

const mark = 'flotilla.dev/owner';
const [ours, theirs] = [ownerOf('h', 'c'), ownerOf('x', 'y')];
const onlySettings = { 'a.yaml': configMap('settings', 'theirs') };
const withNew = { ...onlySettings, 'n.yaml': configMap('new', 'theirs') };

interface Other {
  readonly world: EngineWorld;
  readonly kube: KubePort;
  readonly start: (owner?: typeof ours) => Engine;
}

/** A second agent on the same cluster: state, rows and Git of its own. */
function otherAgent(stage: Stage): Other {
  const world = engineWorld(stage.world.clock);
  const kube = stage.cluster.portAs('other');
  return { world, kube, start: (owner = theirs) => startIn(world, kube, { owner }) };
}

function changesBy(stage: Stage, user: string): readonly string[] {
  return stage.cluster.writes
    .entries()
    .filter((write) => write.user === user && write.isChanged)
    .map((write) => `${write.verb} ${write.ref.kind} ${write.ref.name}`);
}

async function markOf(stage: Stage): Promise<string | undefined> {
  return (await stage.agent.get(assignmentRef('shop'), never))?.metadata.annotations?.[mark];
}

async function deleteParent({ person }: Stage): Promise<void> {
  const uid = (await person.get(assignmentRef('shop'), never))!.metadata.uid!;
  const options = { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false } as const;
  await person.delete(assignmentRef('shop'), options, never);
}

async function setMark(stage: Stage, value: string | null): Promise<void> {
  await edit(stage.person, assignmentRef('shop'), { metadata: { annotations: { [mark]: value } } });
}

async function settle(stage: Stage, engine: Engine): Promise<void> {
  await hold(stage.world, rowFor(stage.world, { files: two }));
  await untilState(engine, 'shop', 'Ready');
}

describe('two agents with a placement of the same name on one cluster', () => {
  it('keep to their own: the second stands still, names the first, and touches nothing', async () => {
    await using stage = openStage();
    await using engine = startIn(stage.world, stage.agent);
    await settle(stage, engine);
    const other = otherAgent(stage);
    await hold(other.world, rowFor(other.world, { files: onlySettings }));
    await using second = other.start();

    const stalled = await untilState(second, 'shop', 'Stalled');

    expect(stalled).toMatchObject({
      reason: 'ParentRefused',
      text: expect.stringContaining(`belongs to cluster uid ${ours.clusterUid} of hub ${ours.hubId}`),
    });
    await hold(other.world, removalFor('shop'));
    await eventually(
      () => second.reports()[0],
      (one) => one?.state === 'Removing' && one.reason === 'ParentRefused',
    );
    expect(changesBy(stage, 'other')).toEqual([]);
    expect(await stage.agent.get(web, never)).toBeDefined();
    expect(engine.reports()[0]?.state).toBe('Ready');
  });

  it('are told apart also when both began before the set was there', async () => {
    await using stage = openStage();
    const other = otherAgent(stage);
    await using first = startIn(stage.world, stage.agent);
    await using second = other.start();
    await eventually(
      () => first.isReady && second.isReady,
      (areReady) => areReady,
    );
    await settle(stage, first);

    await hold(other.world, rowFor(other.world, { files: withNew }));
    const stalled = await untilState(second, 'shop', 'Stalled');

    expect(stalled).toMatchObject({
      reason: 'ParentRefused',
      text: expect.stringContaining('Assignment shop belongs to'),
    });
    expect(changesBy(stage, 'other')).toEqual([]);
  });

  it('are told apart by what they want when the second has nothing of its own to write', async () => {
    await using stage = openStage();
    const other = otherAgent(stage);
    await using first = startIn(stage.world, stage.agent);
    await using second = other.start();
    await eventually(
      () => first.isReady && second.isReady,
      (areReady) => areReady,
    );
    await settle(stage, first);

    await hold(other.world, rowFor(other.world, { files: onlySettings }));
    const stalled = await untilState(second, 'shop', 'Stalled');

    expect(stalled).toMatchObject({
      reason: 'OwnedByAgent',
      text: expect.stringContaining(`belongs to cluster uid ${ours.clusterUid} of hub ${ours.hubId}`),
    });
    expect(changesBy(stage, 'other')).toEqual([]);
  });

  it('are told apart by the members when somebody deleted the parent: the first makes it anew', async () => {
    await using stage = openStage();
    {
      await using engine = startIn(stage.world, stage.agent);
      await settle(stage, engine);
    }
    const other = otherAgent(stage);
    await hold(other.world, rowFor(other.world, { files: withNew }));
    await deleteParent(stage);
    await using second = other.start();

    const stalled = await untilState(second, 'shop', 'Stalled');
    expect(stalled).toMatchObject({
      reason: 'ParentRefused',
      text: expect.stringContaining(
        `belongs to cluster uid ${ours.clusterUid} of hub ${ours.hubId}, and its parent Assignment shop is gone`,
      ),
    });
    await hold(other.world, removalFor('shop'));
    await eventually(
      () => second.reports()[0],
      (one) => one?.state === 'Removed',
    );
    expect(changesBy(stage, 'other')).toEqual([]);

    await using engine = startIn(stage.world, stage.agent);
    await untilState(engine, 'shop', 'Ready');
    expect(await markOf(stage)).toBe(`${ours.hubId}/${ours.clusterUid}`);
    expect(await stage.agent.get(web, never)).toBeDefined();
  });

  it('hand a set without parent over when a person makes one without a mark', async () => {
    await using stage = openStage();
    {
      await using engine = startIn(stage.world, stage.agent);
      await settle(stage, engine);
    }
    const other = otherAgent(stage);
    await hold(other.world, rowFor(other.world, { files: withNew }));
    await deleteParent(stage);
    await using second = other.start();
    const { text } = await untilState(second, 'shop', 'Stalled');
    const [, json = ''] = /echo '(.*)' \| kubectl create -f -/.exec(text) ?? [];

    await stage.person.create(JSON.parse(json), { fieldManager: 'kubectl', dryRun: false }, never);
    await untilState(second, 'shop', 'Ready');

    expect(await stage.agent.get(ref('ConfigMap', 'settings'), never)).toMatchObject({
      metadata: { annotations: { [mark]: `${theirs.hubId}/${theirs.clusterUid}` } },
      data: { value: 'theirs' },
    });
  });

  it('hand the set over when a person takes the mark off', async () => {
    await using stage = openStage();
    const other = otherAgent(stage);
    {
      await using engine = startIn(stage.world, stage.agent);
      await settle(stage, engine);
    }
    await hold(other.world, rowFor(other.world, { files: onlySettings }));
    await using second = other.start();
    await untilState(second, 'shop', 'Stalled');

    await setMark(stage, null);
    await untilState(second, 'shop', 'Ready');

    expect(await markOf(stage)).toBe(`${theirs.hubId}/${theirs.clusterUid}`);
    expect(await stage.agent.get(ref('ConfigMap', 'settings'), never)).toMatchObject({
      data: { value: 'theirs' },
    });
    // What it does not want goes, too: all of the set is its own now, whoever applied it.
    expect(await stage.agent.get(web, never)).toBeUndefined();
  });

  it('are both told when the mark changes under a running one, which then corrects nothing any more', async () => {
    await using stage = openStage();
    await using engine = startIn(stage.world, stage.agent, { resyncMs: 2_000 });
    await settle(stage, engine);

    await setMark(stage, `${theirs.hubId}/${theirs.clusterUid}`);
    await untilState(engine, 'shop', 'Stalled');
    stage.cluster.writes.clear();
    await edit(stage.person, ref('ConfigMap', 'settings'), { data: { value: 'by hand' } });
    await hold(stage.world, rowFor(stage.world, { files: onlySettings }));
    await untilState(engine, 'shop', 'Stalled');
    expect(changesBy(stage, 'agent')).toEqual([]);

    await setMark(stage, null);
    await untilState(engine, 'shop', 'Ready');
    expect(await markOf(stage)).toBe(`${ours.hubId}/${ours.clusterUid}`);
  });
});

describe('an agent that lost its state', () => {
  it('goes on with its sets when it was joined again under its cluster uid', async () => {
    await using stage = openStage();
    {
      await using engine = startIn(stage.world, stage.agent);
      await settle(stage, engine);
    }
    const again = otherAgent(stage);
    await hold(again.world, rowFor(again.world, { files: two }));
    await using engine = again.start(ours);
    await untilState(engine, 'shop', 'Ready');
  });

  it('waits for a person when the same hub gave it another uid', async () => {
    await using stage = openStage();
    {
      await using engine = startIn(stage.world, stage.agent);
      await settle(stage, engine);
    }
    const again = otherAgent(stage);
    await hold(again.world, rowFor(again.world, { files: two }));
    await using engine = again.start(ownerOf('h', 'n'));
    expect(await untilState(engine, 'shop', 'Stalled')).toMatchObject({
      reason: 'ParentRefused',
      text: expect.stringContaining(`kubectl annotate assignments.flotilla.dev shop ${mark}-`),
    });
    await setMark(stage, null);
    await untilState(engine, 'shop', 'Ready');
  });
});

describe('a set from before there were marks', () => {
  it('is taken over without a word, and marked with the next write', async () => {
    await using stage = openStage();
    {
      await using engine = startIn(stage.world, stage.agent);
      await settle(stage, engine);
    }
    await setMark(stage, null);

    await using engine = startIn(stage.world, stage.agent);
    await untilState(engine, 'shop', 'Ready');
    expect(await markOf(stage)).toBeUndefined();
    const next = rowFor(stage.world, { files: { ...two, ...onlySettings } });
    await hold(stage.world, next);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === next.version.seq,
    );
    expect(await markOf(stage)).toBe(`${ours.hubId}/${ours.clusterUid}`);
  });
});
