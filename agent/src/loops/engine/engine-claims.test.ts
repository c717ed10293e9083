import { describe, expect, it } from 'vitest';
import {
  configMap,
  deployment,
  eventually,
  hold,
  never,
  openStage,
  ref,
  removalFor,
  rowFor,
  type Stage,
  startIn,
  two,
  untilState,
  web,
  writesOf,
} from './engine-world-fixture.ts';

const deletesOf = (stage: Stage) => writesOf(stage.cluster).filter((one) => one.startsWith('delete '));

async function ownerOfWeb({ agent }: Stage): Promise<string | undefined> {
  return (await agent.get(web, never))?.metadata.labels?.['flotilla.dev/assignment'];
}

const later = { 'b.yaml': deployment('web', 'web:2'), 'c.yaml': configMap('more', '1') };
const priorityOf = (priority: number) => ({ apply: { priority } });

describe('an object that two assignments want', () => {
  it('stays with who has it; the other stands still, names both and the object, and applies the rest', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, rowFor(world, { placement: 'cart', files: later }));
    const stalled = await untilState(engine, 'cart', 'Stalled');
    expect(stalled).toMatchObject({
      reason: 'OwnedByAssignment',
      failing: [{ kind: 'Deployment', name: 'web', ownedBy: 'shop' }],
      text: expect.stringMatching(/^Deployment .*web belongs to assignment shop, which has it already/),
    });
    expect(await agent.get(ref('ConfigMap', 'more'), never)).toBeDefined();
    expect(await agent.get(web, never)).toMatchObject({
      spec: { template: { spec: { containers: [{ image: 'web:1' }] } } },
    });
    await untilState(engine, 'shop', 'Ready');
  });

  it('moves to a higher priority and back, with its uid, and nothing is ever deleted', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const uid = (await agent.get(web, never))?.metadata.uid;
    await hold(world, rowFor(world, { placement: 'cart', files: later, ...priorityOf(1) }));
    await untilState(engine, 'cart', 'Ready');
    const lost = await untilState(engine, 'shop', 'Stalled');
    expect(lost.text).toContain('belongs to assignment cart, which has priority 1, over 0');
    expect(await ownerOfWeb(stage)).toBe('cart');

    await hold(world, rowFor(world, { files: two, ...priorityOf(2) }));
    await untilState(engine, 'shop', 'Ready');
    await untilState(engine, 'cart', 'Stalled');
    expect(await ownerOfWeb(stage)).toBe('shop');
    expect((await agent.get(web, never))?.metadata.uid).toBe(uid);
    expect(deletesOf(stage)).toEqual([]);
  });

  it('stays with a suspended owner whatever priority comes, and moves to it once that is resumed', async () => {
    await using stage = openStage();
    const { world } = stage;
    await using engine = startIn(world, stage.agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, rowFor(world, { files: two, suspended: 'incident' }));
    await untilState(engine, 'shop', 'Suspended');
    await hold(world, rowFor(world, { placement: 'cart', files: later, ...priorityOf(1) }));
    const lost = await untilState(engine, 'cart', 'Stalled');
    expect(lost.text).toContain('belongs to assignment shop, which has it and is suspended');
    expect(await ownerOfWeb(stage)).toBe('shop');

    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'cart', 'Ready');
    expect(await ownerOfWeb(stage)).toBe('cart');
    expect(deletesOf(stage)).toEqual([]);
  });

  it('is given back when its owner is removed, and is not deleted for that', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { ...later, 'd.yaml': configMap('own', '1') } }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, rowFor(world, { placement: 'cart', files: later }));
    await untilState(engine, 'cart', 'Stalled');
    await hold(world, removalFor('shop'));
    await untilState(engine, 'shop', 'Removed');
    await untilState(engine, 'cart', 'Ready');
    expect(await ownerOfWeb(stage)).toBe('cart');
    expect(deletesOf(stage)).toEqual(['delete ConfigMap own', 'delete Assignment shop']);
  });

  it('is deleted like any other by the one that took it over, once its owner before is gone', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const old = rowFor(world, { placement: 'old', files: two });
    await hold(world, old);
    await untilState(engine, 'old', 'Ready');
    const apply = { takeOverFrom: old.placement };
    await hold(world, rowFor(world, { files: two, apply }), removalFor('old'));
    await untilState(engine, 'old', 'Removed');
    await untilState(engine, 'shop', 'Ready');
    const less = rowFor(world, { files: { 'a.yaml': configMap('settings', '1') }, apply });
    await hold(world, less);
    await eventually(
      () => agent.get(web, never),
      (object) => object === undefined,
    );
    expect(deletesOf(stage)).toEqual(['delete Assignment old', 'delete Deployment web']);
  });

  it('goes to the one left when the other does not want it any more', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const first = rowFor(world, { files: two, ...priorityOf(1) });
    const second = rowFor(world, { placement: 'cart', files: later });
    await hold(world, first, second);
    await untilState(engine, 'shop', 'Ready');
    await untilState(engine, 'cart', 'Stalled');
    await hold(world, rowFor(world, { files: { 'a.yaml': configMap('settings', '1') } }));
    await untilState(engine, 'cart', 'Ready');
    await untilState(engine, 'shop', 'Ready');
    expect(await ownerOfWeb(stage)).toBe('cart');
    expect(deletesOf(stage)).toEqual([]);
  });

  it('is made by the one with the best claim, when nobody has made it yet', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await hold(
      world,
      { ...rowFor(world, { placement: 'cart', files: later }), placementAgeSeq: 9 },
      { ...rowFor(world, { files: two }), placementAgeSeq: 2 },
    );
    await using engine = startIn(world, agent);
    // Whoever is rendered first may have it before the other is known; then that one keeps it.
    await eventually(
      () =>
        engine
          .reports()
          .map((one) => one.state)
          .sort(),
      (states) => states.join() === 'Ready,Stalled',
    );
    expect(['cart', 'shop']).toContain(await ownerOfWeb(stage));
    expect(deletesOf(stage)).toEqual([]);
  });
});
