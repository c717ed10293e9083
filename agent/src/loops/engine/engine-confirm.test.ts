import { describe, expect, it } from 'vitest';
import { fieldAt } from '../../core/index.ts';
import {
  configMap,
  type EngineWorld,
  eventually,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  type Stage,
  startIn,
  untilState,
  writesOf,
} from './engine-world-fixture.ts';

const confirmMs = 6_000;
const settings = ref('ConfigMap', 'settings');
const added = ref('ConfigMap', 'added');

/** A row whose change is taken back unless the link outlives it. */
function guarded(world: EngineWorld, value: string, more: Readonly<Record<string, string>> = {}) {
  return rowFor(world, { files: { 'a.yaml': configMap('settings', value), ...more }, apply: { confirmMs } });
}

function setLink(world: EngineWorld, isUp: boolean): void {
  const frozenAtMs = world.clock.nowMs();
  world.status.isBusUp = isUp;
  world.hub.heardAtMs = () => (isUp ? world.clock.nowMs() : frozenAtMs);
}

/** The first variant runs, confirmed or not: nothing is before it. */
async function settle({ world, agent }: Stage) {
  setLink(world, true);
  const engine = startIn(world, agent);
  await hold(world, guarded(world, 'old'));
  await untilState(engine, 'shop', 'Ready');
  return engine;
}

async function liveValue({ agent }: Stage): Promise<unknown> {
  return fieldAt(await agent.get(settings, never), 'data', 'value');
}

const trialKey = 'confirm/shop';

describe('a change with confirm', () => {
  it('is Ready once hub or bus was heard after it, and then nothing is on trial any more', async () => {
    await using stage = openStage();
    const { world } = stage;
    await using engine = await settle(stage);
    expect(world.store.peek(trialKey)).toBeUndefined();

    await hold(world, guarded(world, 'new'));
    await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'LinkUnconfirmed',
    );
    expect(world.store.peek(trialKey)).toMatchObject({ confirmMs, isTakenBack: false });
    expect(await untilState(engine, 'shop', 'Ready')).toMatchObject({ reverted: false });

    expect(world.store.peek(trialKey)).toBeUndefined();
    expect(await liveValue(stage)).toBe('new');
  });

  it('is confirmed by the bus alone, and by the hub alone', async () => {
    await using stage = openStage();
    const { world } = stage;
    await using engine = await settle(stage);
    const frozenAtMs = world.clock.nowMs();
    world.hub.heardAtMs = () => frozenAtMs;
    const byBus = guarded(world, 'by bus');
    await hold(world, byBus);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === byBus.version.seq,
    );

    world.status.isBusUp = false;
    world.hub.heardAtMs = () => world.clock.nowMs();
    const byHub = guarded(world, 'by hub');
    await hold(world, byHub);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === byHub.version.seq,
    );
  });

  it('is taken back when it cuts both: the variant before runs, what came with it goes, the same version says so', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = await settle(stage);
    const change = guarded(world, 'cut', { 'b.yaml': configMap('added', 'x') });
    setLink(world, false);
    await hold(world, change);

    const report = await untilState(engine, 'shop', 'Degraded');

    expect(report).toMatchObject({ reason: 'Reverted', reverted: true, version: change.version });
    expect(report.text).toContain('neither hub nor bus was heard for 6s after it');
    await eventually(
      () => agent.get(added, never),
      (object) => object === undefined,
      'the end of what came with it',
    );
    expect(await liveValue(stage)).toBe('old');

    // With the link back it stays so: only the next row decides, also one with the same content.
    setLink(world, true);
    engine.reconcileNow();
    await untilState(engine, 'shop', 'Degraded');
    expect(await liveValue(stage)).toBe('old');
    const again = guarded(world, 'cut', { 'b.yaml': configMap('added', 'x') });
    await hold(world, again);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === again.version.seq,
    );
    expect(await liveValue(stage)).toBe('cut');
  });

  it('is taken back by the agent that was started anew meanwhile, with Git away', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    {
      await using engine = await settle(stage);
      setLink(world, false);
      await hold(world, guarded(world, 'cut'));
      await eventually(
        () => liveValue(stage),
        (value) => value === 'cut',
      );
      await eventually(
        () => engine.reports()[0],
        (one) => one?.reason === 'LinkUnconfirmed',
      );
    }
    world.git.isUp = false;
    world.hub.heardAtMs = () => undefined;
    {
      await using engine = startIn(world, agent);
      await untilState(engine, 'shop', 'Degraded');
      await eventually(
        () => liveValue(stage),
        (value) => value === 'old',
      );
    }

    // And once more: what was decided stays, and costs no write.
    stage.cluster.writes.clear();
    await using engine = startIn(world, agent);
    expect(await untilState(engine, 'shop', 'Degraded')).toMatchObject({ reverted: true });
    expect(writesOf(stage.cluster)).toEqual([]);
    expect(await liveValue(stage)).toBe('old');
  });

  it('corrects drift of the variant that runs again', async () => {
    await using stage = openStage();
    const { world, person } = stage;
    await using engine = await settle(stage);
    setLink(world, false);
    await hold(world, guarded(world, 'cut'));
    await untilState(engine, 'shop', 'Degraded');
    await eventually(
      () => liveValue(stage),
      (value) => value === 'old',
    );

    await person.mergePatch(settings, { data: { value: 'edited' } }, { fieldManager: 'kubectl-edit' }, never);

    await eventually(
      () => liveValue(stage),
      (value) => value === 'old',
    );
  });

  it('of a placement without confirm stays, however long nobody is heard', async () => {
    await using stage = openStage();
    const { world } = stage;
    await using engine = await settle(stage);
    setLink(world, false);
    await hold(world, rowFor(world, { files: { 'a.yaml': configMap('settings', 'plain') } }));
    await untilState(engine, 'shop', 'Ready');
    expect(world.store.peek(trialKey)).toBeUndefined();
  });
});
