import { FlotillaError } from '@flotilla/shared/base';
import type { AssignmentRow } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import {
  configMap,
  type EngineWorld,
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

const settings = { 'a.yaml': two['a.yaml'] };
const other = { 'c.yaml': configMap('other', '1') };
const deadlineMs = 20_000;
const refused = new FlotillaError('the server refuses the credential', {
  code: 'GIT_DENIED',
  retry: 'never',
  advice: 'mend the credential',
});

/** A world in which one tree cannot be fetched while it is named. */
function unfetchable(
  { world }: Stage,
  error = new Error('the server hung up'),
): EngineWorld & { failsFor: string } {
  const { git } = world;
  const failing = {
    ...world,
    failsFor: '',
    git: {
      ...git,
      fetch: async (...args: Parameters<typeof git.fetch>) => {
        if (args[0].trees[0]?.treeId === failing.failsFor) throw error;
        return await git.fetch(...args);
      },
    },
  };
  return failing;
}

function treeOf(row: AssignmentRow): string {
  return row.variant.content.trees[0]?.treeId ?? '';
}

function reportOf(engine: Engine, placement: string) {
  return engine.reports().find((one) => one.placement === placement);
}

/** `shop` and a neighbour run; then the neighbour's new content cannot be fetched, and web leaves the shop. */
async function changeBoth(stage: Stage, repository: string, error?: Error) {
  const world = unfetchable(stage, error);
  const engine = startIn(world, stage.agent);
  const neighbour = { placement: 'neighbour', repository, deadlineMs };
  await hold(world, rowFor(world, { files: two }), rowFor(world, { ...neighbour, files: other }));
  await untilState(engine, 'shop', 'Ready');
  await untilState(engine, 'neighbour', 'Ready');
  const wider = rowFor(world, { ...neighbour, files: { ...other, 'd.yaml': configMap('new', '1') } });
  world.failsFor = treeOf(wider);
  await hold(world, wider, rowFor(world, { files: settings }));
  const isLate = () =>
    eventually(
      () => reportOf(engine, 'neighbour'),
      (one) => one?.state === 'Stalled' && one.reason === 'FetchFailed',
    );
  return { engine, world, isLate };
}

describe('a neighbour whose new content cannot be fetched', () => {
  it('holds up deletes until its deadline, then only of what it is known to want', async () => {
    await using stage = openStage();
    const { engine, world, isLate } = await changeBoth(stage, 'elsewhere');
    await using _engine = engine;
    const waiting = await eventually(
      () => reportOf(engine, 'shop'),
      (one) => one?.reason === 'WaitingForRender',
    );
    expect(waiting?.text).toContain('what assignment neighbour wants now (FetchFailed)');
    expect(await stage.agent.get(web, never)).toBeDefined();

    await isLate();
    await eventually(
      () => stage.agent.get(web, never),
      (object) => object === undefined,
    );
    await untilState(engine, 'shop', 'Ready');
    expect(await stage.agent.get(ref('ConfigMap', 'other'), never)).toBeDefined();
    world.failsFor = '';
    engine.reconcileNow();
    await untilState(engine, 'neighbour', 'Ready');
  });

  it.each([
    ['the server is away', undefined],
    ['the server refuses the agent, for good', refused],
  ])('asks a person from then on when one commit may have moved them: %s', async (_why, error) => {
    await using stage = openStage();
    const { engine, world, isLate } = await changeBoth(stage, 'shop', error);
    await using _engine = engine;
    await isLate();
    const asking = await eventually(
      () => reportOf(engine, 'shop'),
      (one) => one?.reason === 'PruneHeld',
    );
    expect(asking?.text).toContain('assignment neighbour may want what would be deleted');
    expect(asking?.heldPrune).toMatchObject({ objects: ['Deployment shop/web'], total: 1 });
    expect(writesOf(stage.cluster).filter((write) => write.startsWith('delete'))).toEqual([]);
    expect(await stage.agent.get(web, never)).toBeDefined();

    const permittedPrune = asking!.heldPrune!.listHash;
    await hold(world, rowFor(world, { files: settings, permittedPrune }));
    await untilState(engine, 'shop', 'Ready');
    expect(await stage.agent.get(web, never)).toBeUndefined();
  });

  it('never ran here and comes from elsewhere: holds them up until its deadline', async () => {
    await using stage = openStage();
    const world = unfetchable(stage);
    await using engine = startIn(world, stage.agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const fresh = { placement: 'neighbour', repository: 'elsewhere', files: other, deadlineMs };
    const first = rowFor(world, fresh);
    world.failsFor = treeOf(first);
    await hold(world, first, rowFor(world, { files: settings }));
    const waiting = await eventually(
      () => reportOf(engine, 'shop'),
      (one) => one?.reason === 'WaitingForRender',
    );
    expect(waiting?.text).toContain('suspend or remove it to go on without it');
    expect(await stage.agent.get(web, never)).toBeDefined();

    await untilState(engine, 'neighbour', 'Stalled');
    await untilState(engine, 'shop', 'Ready');
    expect(await stage.agent.get(web, never)).toBeUndefined();
  });

  it('never ran here and may be the new name of what is removed: a person is asked, or it is suspended', async () => {
    await using stage = openStage();
    const world = unfetchable(stage);
    await using engine = startIn(world, stage.agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const fresh = { placement: 'neighbour', files: other, deadlineMs };
    const first = rowFor(world, fresh);
    world.failsFor = treeOf(first);
    await hold(world, first, removalFor('shop'));
    await untilState(engine, 'neighbour', 'Stalled');
    await eventually(
      () => reportOf(engine, 'shop'),
      (one) => one?.reason === 'PruneHeld',
    );
    expect(await stage.agent.get(web, never)).toBeDefined();

    await hold(world, rowFor(world, { ...fresh, suspended: 'its server is away' }));
    await untilState(engine, 'shop', 'Removed');
    expect(await stage.agent.get(web, never)).toBeUndefined();
  });

  it('took everything over before it was suspended: holds nothing up', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    {
      await using engine = startIn(world, agent);
      await hold(world, rowFor(world, { files: { ...two, ...other } }));
      await untilState(engine, 'shop', 'Ready');
      const takeOverFrom = rowFor(world, { files: two }).placement;
      const heir = { placement: 'heir', files: two, apply: { takeOverFrom } };
      await hold(world, rowFor(world, heir), rowFor(world, { files: other }));
      await untilState(engine, 'heir', 'Ready');
      await hold(world, rowFor(world, { ...heir, suspended: 'for a while' }));
      await untilState(engine, 'heir', 'Suspended');
    }
    await using engine = startIn(world, agent);
    await hold(world, removalFor('shop'));
    await untilState(engine, 'shop', 'Removed');
    expect(await agent.get(ref('ConfigMap', 'other'), never)).toBeUndefined();
    expect(await agent.get(web, never)).toBeDefined();
  });
});
