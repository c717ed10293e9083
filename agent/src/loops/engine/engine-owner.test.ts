import { describe, expect, it } from 'vitest';
import {
  changesBy,
  mark,
  markOf,
  onlySettings,
  otherAgent,
  ours,
  setMark,
  settle,
  theirs,
  withNew,
} from './engine-owner-fixture.ts';
import {
  edit,
  eventually,
  hold,
  never,
  openStage,
  ownerOf,
  ref,
  removalFor,
  rowFor,
  startIn,
  two,
  untilState,
  web,
} from './engine-world-fixture.ts';

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
