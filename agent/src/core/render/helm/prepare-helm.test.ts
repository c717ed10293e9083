import { describe, expect, it } from 'vitest';
import { makeKindTable } from '../kinds.ts';
import { chartText, kinds, mistakesOf, planOf, textAt } from './chart-fixture.ts';

describe('what Helm is asked for', () => {
  it('is the chart as the placement releases it on the cluster', () => {
    const helm = {
      releaseName: 'rel',
      valuesFiles: ['prod.yaml', '../../env/eu.yaml'],
      valuesJson: '{"a":1}',
    };
    const { request, chart, chance } = planOf(
      { 'apps/web/prod.yaml': '', 'env/eu.yaml': '', 'other/x.yaml': '' },
      { helm },
    );

    expect(request).toMatchObject({
      path: 'apps/web',
      releaseName: 'rel',
      namespace: 'shop',
      kubeVersion: 'v1.36.3',
      apiVersions: ['apps/v1', 'apps/v1/Deployment', 'v1', 'v1/Pod'],
      valuesFiles: ['apps/web/prod.yaml', 'env/eu.yaml'],
      valuesJson: '{"a":1}',
    });
    expect(request.files.map(({ path }) => path)).toContain('other/x.yaml');
    expect(chart.name).toBe('web');
    expect(chance).toEqual([]);
  });

  it('is called as the placement when no release name is given', () => {
    expect(planOf({}).request.releaseName).toBe('shop');
  });

  it('counts the kinds of its own definitions as served, and only their served versions', () => {
    const definition =
      'kind: CustomResourceDefinition\nspec:\n  group: example.org\n  names: {kind: Widget}\n  versions: [{name: v1, served: true}, {name: v0, served: false}]\n';
    const { apiVersions } = planOf({ 'apps/web/charts/db/crds/w.yaml': definition }).request;
    expect(apiVersions.filter((one) => one.startsWith('example'))).toEqual([
      'example.org/v1',
      'example.org/v1/Widget',
    ]);
  });

  it('has the variables of the cluster in its values, and says which one is missing', () => {
    const helm = { releaseName: undefined, valuesFiles: [], valuesJson: '{"host":"${var.host}/"}' };
    expect(planOf({}, { helm, variables: { host: 'a"b' } }).request.valuesJson).toBe('{"host":"a\\"b/"}');
    expect(mistakesOf({}, { helm })).toEqual([
      expect.stringContaining('hold ${var.host}, and cluster eu-1 is given no such variable'),
    ]);
  });
});

describe('what is wrong with a chart before Helm is asked', () => {
  it('is that it has no Chart.yaml, no name, or is a library', () => {
    expect(mistakesOf({ 'apps/web/Chart.yaml': 'version: 1\n' })).toEqual([
      'apps/web/Chart.yaml:1: has no name',
    ]);
    expect(mistakesOf({ 'apps/web/Chart.yaml': 'a: b: c' })).toEqual([
      expect.stringMatching(/^apps\/web\/Chart.yaml:1, line 1: /),
    ]);
    expect(mistakesOf({ 'apps/web/Chart.yaml': `${chartText}type: library\n` })).toEqual([
      expect.stringContaining('is a library chart'),
    ]);
  });

  it('is a dependency that is not in the repository, on the line that names it', () => {
    const dependencies = 'dependencies:\n- name: db\n  version: 1.0.0\n- {version: 2, name: "cache"}\n';
    const vendored = { 'apps/web/charts/folder/Chart.yaml': 'name: cache\n' };
    expect(mistakesOf({ 'apps/web/Chart.yaml': chartText + dependencies, ...vendored })).toEqual([
      'apps/web/Chart.yaml:1, line 5: depends on chart db, which is not below apps/web/charts: run "helm dependency build apps/web" and commit what it puts there; other servers are not asked',
    ]);
    const old = { 'apps/web/requirements.yaml': dependencies, ...vendored };
    expect(mistakesOf(old)).toEqual([expect.stringMatching(/^apps\/web\/requirements.yaml:1, line 2: /)]);
  });

  it('is a values file that is not there, or leaves the repository', () => {
    const helm = {
      releaseName: undefined,
      valuesFiles: ['gone.yaml', '../../../x', '/etc/x'],
      valuesJson: undefined,
    };
    expect(mistakesOf({}, { helm })).toEqual([
      expect.stringContaining('"gone.yaml" of the placement would be apps/web/gone.yaml, which is not among'),
      expect.stringContaining('"../../../x" of the placement leaves the repository'),
      expect.stringContaining('"/etc/x" of the placement leaves the repository'),
    ]);
  });

  it('is a placement without a namespace, and a name that could be a flag', () => {
    expect(mistakesOf({}, { namespace: undefined })).toEqual([expect.stringContaining('set spec.namespace')]);
    const helm = { releaseName: '--post-renderer=x', valuesFiles: [], valuesJson: undefined };
    expect(mistakesOf({}, { helm, namespace: '-n' })).toEqual([
      expect.stringContaining('cannot be released as "--post-renderer=x"'),
      expect.stringContaining('cannot be released as "-n"'),
    ]);
  });

  it('is a schema that leads somewhere else', () => {
    const schema = (text: string) => mistakesOf({ 'apps/web/values.schema.json': text });
    expect(schema('{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a"}')).toEqual(
      [],
    );
    for (const remote of ['http://127.0.0.1:1/x', 'other.json', 'file:///etc/passwd'])
      expect(schema(JSON.stringify({ properties: { a: { anyOf: [{ $ref: remote }] } } }))).toEqual([
        expect.stringContaining(`leads to "${remote}", which is not fetched`),
      ]);
    expect(schema('{"$schema":"http://127.0.0.1/s"}')).toHaveLength(1);
  });

  it('is a group that cannot be read, when the chart speaks of it', () => {
    const served = makeKindTable({ resources: kinds.served, failedGroups: [{ group: 'metrics.k8s.io' }] });
    const template = '{{ if .Capabilities.APIVersions.Has "metrics.k8s.io/v1beta1" }}x{{ end }}';
    expect(mistakesOf({ 'apps/web/templates/a.yaml': template }, { kinds: served })).toEqual([
      'apps/web/templates/a.yaml:1: speaks of API group metrics.k8s.io, which cannot be read now: whether the cluster serves it is not known',
    ]);
    expect(mistakesOf({ 'apps/web/templates/a.yaml': 'a: b' }, { kinds: served })).toEqual([]);
  });
});

describe('lookup', () => {
  const template = 'a: b\nc: {{ .lookup }} # lookup\nd: {{ (lookup "v1" "Secret" "ns" "x").data }}\n';

  it('fails where a template reaches it: its name becomes one that Helm refuses, at the same place', () => {
    const { request } = planOf({ 'apps/web/templates/a.yaml': template, 'apps/web/files/a.yaml': template });
    expect(textAt(request.files, 'apps/web/templates/a.yaml')).toBe(
      template.replace('(lookup "v1"', '(fail   "v1"'),
    );
    expect(textAt(request.files, 'apps/web/files/a.yaml')).toBe(template);
  });

  it('is refused at once in values, which a template may run', () => {
    const helm = { releaseName: undefined, valuesFiles: ['v.yaml'], valuesJson: '{"a":"{{ lookup `v1` }}"}' };
    const files = {
      'apps/web/values.yaml': template,
      'apps/web/v.yaml': template,
      'env/values.yaml': template,
    };
    expect(mistakesOf(files, { helm })).toEqual([
      expect.stringMatching(/^apps\/web\/values.yaml:1, line 3: calls lookup/),
      expect.stringMatching(/^apps\/web\/v.yaml:1, line 3: calls lookup/),
      expect.stringMatching(/^the values of the placement call lookup/),
    ]);
  });
});

describe('what comes out differently each time', () => {
  it('is found in templates of the chart and of those within it, not in notes', () => {
    const { chance } = planOf({
      'apps/web/templates/a.yaml': 'x: y\nz: {{ randAlphaNum 5 | quote }} {{ .Values.now }}',
      'apps/web/templates/NOTES.txt': '{{ now }}',
      'apps/web/charts/db/templates/_h.tpl': '{{ genCA "a" 5 }}',
    });
    expect(chance).toEqual([
      { name: 'randAlphaNum', path: 'apps/web/templates/a.yaml', line: 2 },
      { name: 'genCA', path: 'apps/web/charts/db/templates/_h.tpl', line: 1 },
    ]);
  });
});
