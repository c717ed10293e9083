import { describe, expect, it } from 'vitest';
import {
  configMap,
  edit,
  eventually,
  hold,
  openStage,
  ref,
  rowFor,
  startIn,
  two,
  untilState,
} from './engine-world-fixture.ts';

const settings = ref('ConfigMap', 'settings');
const rule = (cel: string, kind = 'ConfigMap') => ({ checks: [{ target: { kind }, cel }] });

describe('health rules in CEL', () => {
  it('read every field of what they are about, also of kinds that are watched without them', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    const health = rule('has(object.data.ready) && object.data.ready == "yes"');
    await hold(world, rowFor(world, { files: { 'a.yaml': configMap('settings', '1') }, health }));
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'RuleNotMet',
    );
    expect(waiting).toMatchObject({ state: 'Progressing', phase: 'verifying' });

    await edit(person, settings, { data: { ready: 'yes' } });
    await untilState(engine, 'shop', 'Ready');
    await edit(person, settings, { data: { ready: 'no' } });
    await untilState(engine, 'shop', 'Progressing');
  });

  it('judge what was applied long before them, and let go with the row that has none', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const files = { 'a.yaml': configMap('settings', '1') };
    await hold(world, rowFor(world, { files }));
    await untilState(engine, 'shop', 'Ready');

    const ruled = rowFor(world, { files, health: rule('object.data.value == "2"') });
    await hold(world, ruled);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.version.seq === ruled.version.seq && one.reason === 'RuleNotMet',
    );
    const met = rowFor(world, { files, health: rule('object.data.value == "1"') });
    await hold(world, met);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.version.seq === met.version.seq && one.state === 'Ready',
    );
    const free = rowFor(world, { files });
    await hold(world, free);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.version.seq === free.version.seq && one.state === 'Ready',
    );
  });

  it('disturb no other assignment with objects of the same kind', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { placement: 'other', files: { 'a.yaml': configMap('other', '1') } }));
    await untilState(engine, 'other', 'Ready');
    const healthyForMs = () => engine.reports().find((one) => one.placement === 'other')?.healthyForMs ?? 0;
    await eventually(healthyForMs, (ms) => ms > 1_000);

    const files = { 'a.yaml': configMap('settings', '1') };
    await hold(world, rowFor(world, { files }));
    await untilState(engine, 'shop', 'Ready');
    const ruled = rowFor(world, { files, health: rule('object.data.value == "1"') });
    await hold(world, ruled);
    await eventually(
      () => engine.reports().find((one) => one.placement === 'shop'),
      (one) => one?.version.seq === ruled.version.seq && one.state === 'Ready',
    );
    expect(healthyForMs()).toBeGreaterThan(1_000);
  });

  it('degrade what is not as they ask within the deadline, in their own words', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const health = { ...rule('status.nothing == 1', 'Deployment'), deadlineMs: 2_000 };
    await hold(world, rowFor(world, { files: two, health }));
    const degraded = await untilState(engine, 'shop', 'Degraded');
    expect(degraded).toMatchObject({ reason: 'RuleNoAnswer', deadlinePassed: true });
    expect(degraded.text).toContain('the rule status.nothing == 1 has no answer yet');
  });

  it('that are neither true nor false fail at once, and are said', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two, health: rule('status.replicas', 'Deployment') }));
    const degraded = await untilState(engine, 'shop', 'Degraded');
    expect(degraded.failing).toMatchObject([
      { kind: 'Deployment', reason: 'RuleNotBoolean', message: expect.stringContaining('is a number') },
    ]);
  });

  it('are asked again after a restart', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    const files = { 'a.yaml': configMap('settings', '1') };
    await hold(world, rowFor(world, { files, health: rule('object.data.value == "1"') }));
    {
      await using engine = startIn(world, agent);
      await untilState(engine, 'shop', 'Ready');
    }
    world.git.isUp = false;
    await using engine = startIn(world, agent);
    await untilState(engine, 'shop', 'Ready');
  });
});
