import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  byHelm,
  chart,
  createdChart,
  folder,
  kubeVersion,
  map,
  mistakesOf,
  objectsOf,
  program,
  run,
  useCharts,
  withTemplate,
  writeAll,
} from './charts-fixture.ts';

useCharts();

describe('charts come out as from helm template itself', () => {
  it('as helm create makes them, with everything switched on', async () => {
    const files = await createdChart('web');
    const values = { ingress: { enabled: true }, autoscaling: { enabled: true }, podLabels: { x: 'no' } };
    const ours = await objectsOf(files, { valuesJson: JSON.stringify(values) });
    const theirs = await byHelm({ ...files, 'v.json': JSON.stringify(values) }, '-f', 'v.json');
    expect(ours.length).toBe(5);
    expect(ours).toEqual(theirs);
  });

  it('with values from files, given ones, null, lists and mappings', async () => {
    const files = {
      ...chart,
      'web/templates/b.yaml': map('b', 'l: {{ toJson .Values.list | quote }}', 'n: "{{ .Values.n }}"'),
      'web/prod.yaml': 'b: {c: prod}\nlist: [3]\nn: 12345\n',
      'env/eu.yaml': 'b: {d: null, e: yes}\n',
    };
    const valuesJson = '{"a":"017","b":{"f":[true,null]}}';
    const ours = await objectsOf(files, { valuesFiles: ['prod.yaml', '../env/eu.yaml'], valuesJson });
    const given = ['-f', 'web/prod.yaml', '-f', 'env/eu.yaml', '-f', 'v.json'];
    expect(ours).toEqual(await byHelm({ ...files, 'v.json': valuesJson }, ...given));
  });

  it('with charts within them, as a folder and packed, aliased and switched off', async () => {
    const root = await mkdtemp(join(folder, 'pack-'));
    await writeAll(root, {
      'db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 2.0.0\n',
      'db/templates/d.yaml': map('{{ .Chart.Name }}-{{ .Values.name }}', 'x: y'),
    });
    await run(program, ['package', 'db'], { cwd: root });
    const dependencies = `dependencies:
- {name: db, version: 2.0.0, alias: first}
- {name: db, version: 2.0.0, alias: second, condition: second.enabled}
- {name: cache, version: 1.0.0}
`;
    const files = {
      ...chart,
      'web/Chart.yaml': chart['web/Chart.yaml'] + dependencies,
      'web/values.yaml': `${chart['web/values.yaml']}first: {name: one}\nsecond: {enabled: false, name: two}\n`,
      'web/charts/db-2.0.0.tgz': await readFile(join(root, 'db-2.0.0.tgz')),
      'web/charts/cache/Chart.yaml': 'apiVersion: v2\nname: cache\nversion: 1.0.0\n',
      'web/charts/cache/templates/c.yaml': map('cache', 'x: y'),
    };
    const ours = await objectsOf(files);
    expect(ours).toHaveLength(3);
    expect(ours).toEqual(await byHelm(files));
  });

  it('with definitions first, and what the cluster and they serve', async () => {
    const has = (what: string) => `${what}: "{{ .Capabilities.APIVersions.Has "${what}" }}"`;
    const definition =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.org}\nspec:\n  group: example.org\n  names: {kind: Thing, plural: things}\n  versions: [{name: v1, served: true}]\n';
    const files = {
      ...chart,
      'web/crds/t.yaml': definition,
      'web/templates/c.yaml': map(
        'c',
        has('example.org/v2/Widget'),
        has('example.org/v3'),
        'v: {{ .Capabilities.KubeVersion.Version }}',
      ),
    };
    const ours = await objectsOf(files);
    expect(ours[0]).toMatchObject({ kind: 'CustomResourceDefinition' });
    expect(ours).toContainEqual(
      expect.objectContaining({
        data: { 'example.org/v2/Widget': 'true', 'example.org/v3': 'false', v: kubeVersion },
      }),
    );
    expect(ours).toEqual(await byHelm(files));

    const own = withTemplate(map('c', has('example.org/v1/Thing')));
    expect(await objectsOf({ ...own, 'web/crds/t.yaml': definition })).toContainEqual(
      expect.objectContaining({ data: { 'example.org/v1/Thing': 'true' } }),
    );
  });
});

describe('what is wrong is told where it is', () => {
  it.each([
    [
      'a value that is missing',
      '{{ .Values.nope.deep }}',
      /^web\/templates\/x.yaml:1, line 1: .*nil pointer/,
    ],
    [
      'a value that is required',
      'a: b\nc: {{ required "give c" .Values.c }}',
      /^web\/templates\/x.yaml:1, line 2: .*give c/,
    ],
    [
      'a template that ends too soon',
      'a: {{ if .Values.a }}',
      /^web\/templates\/x.yaml:1, line 1: .*unexpected EOF/,
    ],
    [
      'what is no YAML',
      'a: b\n c: d\n',
      /^web\/templates\/x.yaml:1: .*YAML parse error on web\/templates\/x.yaml/,
    ],
    ['what is no object', 'a: b\n', /^web\/templates\/x.yaml:1: is not a Kubernetes object/],
    [
      'an include of nothing',
      '{{ include "gone" . }}',
      /^web\/templates\/x.yaml:1, line 1: .*no template "gone"/,
    ],
  ])('%s', async (_what, template, says) => {
    expect(await mistakesOf(withTemplate(template))).toEqual([expect.stringMatching(says)]);
  });

  it('a cluster that is too old, and values against their schema', async () => {
    const old = { ...chart, 'web/Chart.yaml': `${chart['web/Chart.yaml']}kubeVersion: ">=1.99.0"\n` };
    expect(await mistakesOf(old)).toEqual([
      expect.stringMatching(/^web\/Chart.yaml:1: .*requires kubeVersion: >=1.99.0/),
    ]);
    const schema = { ...chart, 'web/values.schema.json': '{"properties":{"a":{"type":"string"}}}' };
    expect(await mistakesOf(schema)).toEqual([expect.stringContaining('got number, want string')]);
  });
});
