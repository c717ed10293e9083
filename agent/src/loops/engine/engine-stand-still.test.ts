import { describe, expect, it } from 'vitest';
import {
  assignmentRef,
  deployment,
  edit,
  eventually,
  hold,
  never,
  openStage,
  rowFor,
  type Stage,
  startIn,
  two,
  untilState,
} from './engine-world-fixture.ts';

const idLabel = 'applyset.kubernetes.io/id';

/** An application that was Ready before the process ended. */
async function settle(stage: Stage): Promise<void> {
  await using engine = startIn(stage.world, stage.agent);
  await hold(stage.world, rowFor(stage.world, { files: two }));
  await untilState(engine, 'shop', 'Ready');
}

describe('an assignment that stands still after a restart', () => {
  it('goes on by itself once its parent is mended, without waiting for the next resync', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await settle(stage);
    const parent = await agent.get(assignmentRef('shop'), never);
    const id = parent?.metadata.labels?.[idLabel] ?? '';
    await edit(person, assignmentRef('shop'), { metadata: { labels: { [idLabel]: 'applyset-other-v1' } } });

    await using engine = startIn(world, agent);
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled).toMatchObject({
      reason: 'ParentRefused',
      text: expect.stringContaining('remove the label'),
    });

    await edit(person, assignmentRef('shop'), { metadata: { labels: { [idLabel]: id } } });
    await untilState(engine, 'shop', 'Ready');
  });

  it('is not looked at over and over once the deadline has passed that its health waited for', async () => {
    await using stage = openStage();
    const { world, agent, cluster, person } = stage;
    cluster.faults.setControllersRunning(false);
    let looks = 0;
    const rows = {
      ...world.rows,
      get: (...call: Parameters<typeof world.rows.get>) => {
        looks += 1;
        // Looks without a pause leave no time to count them: the row goes away before the test hangs.
        return looks > 2_000 ? undefined : world.rows.get(...call);
      },
    };
    await using engine = startIn({ ...world, rows }, agent, { resyncMs: 5_000 });
    const files = { 'b.yaml': deployment('web', 'web:1') };
    await hold(world, rowFor(world, { files, deadlineMs: 40_000 }));
    const sinceMs = world.clock.nowMs();
    await eventually(
      () => engine.reports()[0],
      (one) => one?.phase === 'verifying',
    );
    await edit(person, assignmentRef('shop'), { metadata: { labels: { [idLabel]: 'applyset-other-v1' } } });
    expect(await untilState(engine, 'shop', 'Stalled')).toMatchObject({ reason: 'ParentRefused' });

    await eventually(
      () => world.clock.nowMs() - sinceMs,
      (ms) => ms > 70_000,
    );
    expect(looks).toBeLessThan(200);
  });

  it('names the record that it cannot read and what to do, and goes on once that is mended', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await settle(stage);
    const journal = world.store.peek('inventory/shop');
    await world.store.write('inventory/shop', { format: 999 }, never);

    await using engine = startIn(world, agent);
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled).toMatchObject({
      reason: 'JournalUnreadable',
      text: expect.stringContaining('mend or remove record inventory/shop of the state store'),
    });

    await world.store.write('inventory/shop', journal ?? null, never);
    await untilState(engine, 'shop', 'Ready');
  });
});
