import { describe, expect, it } from 'vitest';
import {
  configMap,
  eventually,
  hold,
  openStage,
  rowFor,
  startIn,
  two,
  untilState,
  writesOf,
} from './engine-world-fixture.ts';

const annotated = (name: string, annotation: string) =>
  configMap(name, '1').replace('}\ndata', `, annotations: {${annotation}}}\ndata`);

describe('the order that a set asks for', () => {
  it.each([
    ['flotilla.dev/wave: "1"', 'of wave 1 waits until Deployment shop/web of wave 0 is applied and healthy'],
    [
      'flotilla.dev/depends-on: Deployment.apps/web',
      'waits until Deployment shop/web is applied and healthy',
    ],
  ])('holds what says %s until the workload runs, and says so', async (annotation, text) => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    cluster.faults.setControllersRunning(false);
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { ...two, 'c.yaml': annotated('later', annotation) } }));
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.counts.applied === 2,
    );
    expect(waiting).toMatchObject({ state: 'Progressing', text: `ConfigMap shop/later ${text}` });
    expect(writesOf(cluster)).not.toContain('apply ConfigMap later');

    cluster.faults.setControllersRunning(true);
    await untilState(engine, 'shop', 'Ready');
    expect(writesOf(cluster)).toContain('apply ConfigMap later');
  });

  it('that can never come to pass is a mistake of the files, and nothing is applied', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    const files = { ...two, 'c.yaml': annotated('later', 'flotilla.dev/depends-on: Secret/nowhere') };
    await hold(world, rowFor(world, { files }));
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled.text).toContain(
      'c.yaml:1: ConfigMap shop/later depends on Secret/nowhere, which is not in the set',
    );
    expect(writesOf(cluster)).not.toContain('apply ConfigMap settings');
  });
});
