import type { AssignmentReport } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import {
  configMap,
  eventually,
  type Files,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  startIn,
  untilState,
  writesOf,
} from './engine-world-fixture.ts';

const chart: Files = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'values.yaml': 'color: red\nsize: small\n',
  'templates/color.yaml': configMap('color', '{{ .Values.color }}'),
  'templates/size.yaml': configMap('{{ .Release.Name }}-size', '{{ .Values.size }}'),
};
const hook = (events: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hook, annotations: {helm.sh/hook: "${events}"}}\n`;
const withValues = (values: object) => ({
  helm: { releaseName: 'rel', valuesFiles: [], valuesJson: JSON.stringify(values) },
});

function summary({ reason, text }: AssignmentReport): string {
  return `${reason}: ${text}`;
}

describe('a chart', () => {
  it('is applied with the values of the placement, and a changed value changes its objects only', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: chart, render: withValues({ color: 'blue' }) }));
    await untilState(engine, 'shop', 'Ready');
    expect(await agent.get(ref('ConfigMap', 'color'), never)).toMatchObject({ data: { value: 'blue' } });
    expect(await agent.get(ref('ConfigMap', 'rel-size'), never)).toMatchObject({ data: { value: 'small' } });
    const before = writesOf(cluster).length;

    const changed = rowFor(world, { files: chart, render: withValues({ color: 'green' }) });
    await hold(world, changed);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.appliedVariantDigest === changed.variant.digest,
    );
    const after = writesOf(cluster).slice(before);
    expect(after.filter((write) => !write.includes(' Assignment '))).toEqual(['apply ConfigMap color']);
  });

  it('with a hook that is no test stalls and names it, and its patched twin is an object like any other', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    const files = {
      ...chart,
      'templates/hook.yaml': hook('pre-delete'),
      'templates/test.yaml': hook('test'),
    };
    await hold(world, rowFor(world, { files }));
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(summary(stalled)).toMatch(
      /^HookUnsupported: app\/templates\/hook.yaml:1: .*hook is a hook of the chart \(pre-delete\)/,
    );
    expect(cluster.writes.entries().filter((one) => one.ref.kind === 'ConfigMap')).toEqual([]);

    const { 'templates/test.yaml': _test, ...rest } = files;
    const patchJson = '{"metadata":{"annotations":{"helm.sh/hook":null}}}';
    const patches = [{ target: { name: 'hook' }, kind: 'merge' as const, patchJson }];
    await hold(world, rowFor(world, { files: rest, render: { patches } }));
    await untilState(engine, 'shop', 'Ready');
    expect(await agent.get(ref('ConfigMap', 'hook'), never)).toBeDefined();
  });

  it('has its tests left out', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { ...chart, 'templates/test.yaml': hook('test') } }));
    await untilState(engine, 'shop', 'Ready');
    expect(await agent.get(ref('ConfigMap', 'color'), never)).toBeDefined();
    expect(await agent.get(ref('ConfigMap', 'hook'), never)).toBeUndefined();
  });

  it('that cannot be rendered says where, changes nothing and deletes nothing', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: chart }));
    await untilState(engine, 'shop', 'Ready');
    const before = writesOf(cluster).length;

    const dependencies = 'dependencies: [{name: db, version: 1.0.0}]\n';
    await hold(
      world,
      rowFor(world, { files: { ...chart, 'Chart.yaml': chart['Chart.yaml'] + dependencies } }),
    );
    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(summary(stalled)).toMatch(/^ChartMissing: app\/Chart.yaml:1, line 4: depends on chart db/);
    await hold(world, rowFor(world, { files: { ...chart, 'templates/color.yaml': '{{ nope }}' } }));
    await untilState(engine, 'shop', 'Stalled');
    expect(writesOf(cluster).slice(before)).toEqual([]);
    expect(await agent.get(ref('ConfigMap', 'color'), never)).toBeDefined();
  });
});

describe('what a chart asks to keep', () => {
  it('stays when it leaves the chart, and what asks for nothing goes', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    const kept = configMap('kept', '1').replace(
      '{name: kept}',
      '{name: kept, annotations: {helm.sh/resource-policy: keep}}',
    );
    const more = { 'templates/kept.yaml': kept, 'templates/gone.yaml': configMap('gone', '1') };
    await hold(world, rowFor(world, { files: { ...chart, ...more } }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, rowFor(world, { files: chart }));
    await eventually(
      () => agent.get(ref('ConfigMap', 'gone'), never),
      (found) => found === undefined,
    );
    expect(await agent.get(ref('ConfigMap', 'kept'), never)).toBeDefined();
  });
});
