import { describe, expect, it } from 'vitest';
import type { KubePort } from '../../ports.ts';
import {
  assignmentRef,
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
} from './engine-world-fixture.ts';
import { applied, definitionRef, deleted, widgetDefinition, widgetFile } from './widget-fixture.ts';

const group = 'example.org';
const settings = { 'a.yaml': two['a.yaml'] };
const withWidget = { ...settings, 'w.yaml': widgetFile(group) };

/** A set with a Widget, whose definition somebody deletes while no agent runs. */
async function loseDefinition({ world, agent, person }: Stage): Promise<void> {
  const made = await person.apply(widgetDefinition(group), applied, never);
  {
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: withWidget }));
    await untilState(engine, 'shop', 'Ready');
  }
  await person.delete(definitionRef(group), { ...deleted, uid: made.metadata.uid! }, never);
  await eventually(
    () => person.discover({ fresh: true }, never),
    ({ resources }) => !resources.some((one) => one.group === group),
  );
}

/** The port of an agent that finds the group's API down. */
function withGroupDown(port: KubePort, isDown: () => boolean): KubePort {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'discover') return value.bind(target);
      return async (...call: Parameters<KubePort['discover']>) => {
        const found = await target.discover(...call);
        const failed = { group, version: 'v1', text: 'its API server did not answer' };
        return isDown() ? { ...found, failedGroups: [...found.failedGroups, failed] } : found;
      };
    },
  });
}

function widgetIn({ world }: Stage): boolean {
  return JSON.stringify(world.store.peek('inventory/shop') ?? '').includes('Widget');
}

describe('objects that went with their definition', () => {
  it('do not keep a removal from ending', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await loseDefinition(stage);
    await hold(world, removalFor('shop'));
    await using engine = startIn(world, agent);
    await untilState(engine, 'shop', 'Removed');
    expect(await agent.get(ref('ConfigMap', 'settings'), never)).toBeUndefined();
    expect(await agent.get(assignmentRef('shop'), never)).toBeUndefined();
  });

  it('are forgotten when they left the content, too', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await loseDefinition(stage);
    await hold(world, rowFor(world, { files: settings }));
    await using engine = startIn(world, agent);
    await untilState(engine, 'shop', 'Ready');
    await eventually(
      () => widgetIn(stage),
      (isOwned) => !isOwned,
    );
  });

  it('stay tracked while their API is down, until it can be read that they are gone', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await loseDefinition(stage);
    await hold(world, removalFor('shop'));
    let isDown = true;
    await using engine = startIn(
      world,
      withGroupDown(agent, () => isDown),
      { resyncMs: 5_000 },
    );
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Removed' || one?.reason === 'KindNotServed',
    );
    expect(waiting?.state).toBe('Removing');
    expect(widgetIn(stage)).toBe(true);

    isDown = false;
    await untilState(engine, 'shop', 'Removed');
  });
});
