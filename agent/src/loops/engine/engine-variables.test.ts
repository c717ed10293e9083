import { describe, expect, it } from 'vitest';
import {
  configMap,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';

const files = { 'a.yaml': configMap('settings', '${var.host}') };
const patched = (value: string) => [
  {
    target: { kind: 'ConfigMap' },
    kind: 'merge' as const,
    patchJson: JSON.stringify({ data: { url: value } }),
  },
];

describe('variables of a placement', () => {
  it('stand in its patches, and never in files', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const variables = { host: 'eu-1.example.org' };
    await hold(
      world,
      rowFor(world, { files, render: { variables, patches: patched('https://${var.host}/') } }),
    );
    await untilState(engine, 'shop', 'Ready');
    expect(await agent.get(ref('ConfigMap', 'settings'), never)).toMatchObject({
      data: { value: '${var.host}', url: 'https://eu-1.example.org/' },
    });
  });

  it('that are missing change nothing, and are named with the cluster', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files, render: { patches: patched('${var.host}') } }));
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled.reason).toBe('VariableMissing');
    expect(stalled.text).toContain('holds ${var.host}, and cluster eu-1 is given no such variable');
    expect(cluster.writes.entries().filter((one) => one.ref.kind === 'ConfigMap')).toEqual([]);
  });
});
