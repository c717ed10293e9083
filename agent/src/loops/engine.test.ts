import { describe, expect, it } from 'vitest';
import { startSimulatedCluster } from '../io/kube-simulated/index.ts';
import {
  configMap,
  deployment,
  engineWorld,
  eventually,
  hold,
  rowFor,
  startIn,
  untilState,
} from './engine-world.testing.ts';

const never = new AbortController().signal;
const ref = (kind: string, name: string, group = '') => ({
  group,
  version: 'v1',
  kind,
  namespace: 'shop',
  name,
});

describe('the engine', () => {
  it('brings a row to Ready and says so', async () => {
    const world = engineWorld();
    await using cluster = startSimulatedCluster({ clock: world.clock });
    const kube = cluster.portAs('agent');
    await using engine = startIn(world, kube);
    await hold(
      world,
      rowFor(world, {
        files: { 'a.yaml': configMap('settings', '1'), 'b.yaml': deployment('web', 'web:1') },
      }),
    );

    const report = await untilState(engine, 'shop', 'Ready');

    expect(report.counts).toMatchObject({ total: 2, applied: 2, healthy: 2, failing: 0 });
    expect(await kube.get(ref('ConfigMap', 'settings'), never)).toMatchObject({
      data: { value: '1' },
      metadata: { labels: { 'flotilla.dev/assignment': 'shop' } },
    });
    await eventually(
      () => world.reports.at(-1)?.assignments[0]?.state,
      (state) => state === 'Ready',
    );
  });
});
