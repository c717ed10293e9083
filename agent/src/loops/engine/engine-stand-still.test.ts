import { describe, expect, it } from 'vitest';
import {
  assignmentRef,
  edit,
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
