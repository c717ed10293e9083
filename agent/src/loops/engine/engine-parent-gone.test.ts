import { describe, expect, it } from 'vitest';
import {
  changesBy,
  deleteParent,
  mark,
  markOf,
  otherAgent,
  ours,
  settle,
  theirs,
  withNew,
} from './engine-owner-fixture.ts';
import {
  eventually,
  hold,
  never,
  openStage,
  ref,
  removalFor,
  rowFor,
  startIn,
  untilState,
  web,
} from './engine-world-fixture.ts';

describe('two agents on one cluster, and a set whose parent somebody deleted', () => {
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
});
