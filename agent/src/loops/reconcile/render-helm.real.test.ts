import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { GitId } from '@flotilla/shared/base';
import { systemClock } from '@flotilla/shared/kit';
import type { HelmOptions, Render } from '@flotilla/shared/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { memoryKustomize } from '../../../../test/fakes/kustomize.ts';
import { findTool } from '../../../../test/tools/index.ts';
import { formatProblem, makeKindTable, type RenderResult } from '../../core/index.ts';
import { openHelm } from '../../io/render/index.ts';
import type { ContentFile } from '../../ports.ts';
import { renderFiles } from './render-files.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const kubeVersion = 'v1.36.3';

let program: string;
let folder: string;

beforeAll(async () => {
  program = (await findTool('helm')).path;
  folder = await mkdtemp(join(tmpdir(), 'flotilla-charts-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Texts = Readonly<Record<string, string | Uint8Array>>;

const served = makeKindTable({
  resources: [
    { group: 'apps', version: 'v1', kind: 'Deployment', isNamespaced: true, hasStatus: true },
    { group: 'example.org', version: 'v2', kind: 'Widget', isNamespaced: true, hasStatus: true },
  ],
  failedGroups: [],
});

/** What the agent makes of a chart at `web`. */
async function render(
  texts: Texts,
  helm?: Partial<HelmOptions>,
  more: Partial<Render> = {},
): Promise<RenderResult> {
  const files: ContentFile[] = Object.entries(texts).map(([path, text]) => ({
    path,
    bytes: Buffer.from(text),
  }));
  const tools = {
    clock: systemClock(),
    kustomize: memoryKustomize(),
    helm: openHelm({ program, temporaryFolder: folder }),
    capabilities: async () => ({ kubeVersion, kinds: served }),
  };
  const id = 'a'.repeat(40) as GitId;
  const trees = [{ path: 'web', treeId: id }];
  const options = { releaseName: 'rel', valuesFiles: [], valuesJson: undefined, ...helm };
  const plain = {
    renderer: 'auto',
    helm: options,
    namespace: 'shop',
    patches: [],
    variables: {},
    ...more,
  } as const;
  return await renderFiles(
    tools,
    {
      fetched: { commit: id, trees, files, problems: [], rung: 'test' },
      render: plain,
      ignore: [],
      placement: 'shop',
      clusterName: 'eu-1',
    },
    never,
  );
}

async function objectsOf(...given: Parameters<typeof render>): Promise<readonly unknown[]> {
  const result = await render(...given);
  if (result.kind === 'problems') throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.objects.map(({ object }) => object);
}

async function mistakesOf(...given: Parameters<typeof render>): Promise<readonly string[]> {
  const result = await render(...given);
  return result.kind === 'problems' ? result.problems.map(formatProblem) : [];
}

/** What `helm template` prints for the same files, called as people call it. */
async function byHelm(texts: Texts, ...args: readonly string[]): Promise<readonly unknown[]> {
  const root = await mkdtemp(join(folder, 'by-helm-'));
  await writeAll(root, texts);
  const given = [
    'template',
    'rel',
    join(root, 'web'),
    '-n',
    'shop',
    '--kube-version',
    kubeVersion,
    '--skip-tests',
  ];
  const known = ['apps/v1', 'apps/v1/Deployment', 'example.org/v2', 'example.org/v2/Widget'];
  const { stdout } = await run(
    program,
    [...given, '--include-crds', '--api-versions', known.join(','), ...args],
    { cwd: root, maxBuffer: 50_000_000 },
  );
  return parseAllDocuments(stdout, { version: '1.1' })
    .map((one) => one.toJS())
    .filter((one) => one !== null);
}

async function writeAll(root: string, texts: Texts): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function readAll(root: string): Promise<Record<string, Uint8Array>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [relative(root, path), await readFile(path)])),
  );
}

/** What `helm create` makes: helpers, conditions, a test. */
async function createdChart(name: string): Promise<Record<string, Uint8Array>> {
  const root = await mkdtemp(join(folder, 'created-'));
  await run(program, ['create', name], { cwd: root });
  return await readAll(root);
}

const map = (name: string, ...data: readonly string[]) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n${data.map((line) => `  ${line}\n`).join('')}`;
const chart = {
  'web/Chart.yaml': 'apiVersion: v2\nname: shop-web\nversion: 1.0.0\n',
  'web/values.yaml': 'a: 1\nb: {c: x, d: y}\nlist: [1, 2]\n',
  'web/templates/a.yaml': map('a', 'a: {{ .Values.a | quote }}', 'b: {{ toJson .Values.b | quote }}'),
};
const withTemplate = (text: string) => ({ ...chart, 'web/templates/x.yaml': text });

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

describe('lookup', () => {
  const asks = '{{ (lookup "v1" "Secret" "shop" "x").data }}';
  it('is refused where it is reached, through a helper too, and nowhere else', async () => {
    expect(await mistakesOf(withTemplate(map('x', `a: "${asks}"`)))).toEqual([
      expect.stringMatching(/^web\/templates\/x.yaml:1, line 5: calls lookup, which asks the cluster/),
    ]);
    const helper = { 'web/templates/_h.tpl': `{{ define "h" }}\n${asks}\n{{ end }}` };
    expect(await mistakesOf({ ...withTemplate('{{ include "h" . }}'), ...helper })).toEqual([
      expect.stringMatching(/^web\/templates\/_h.tpl:1, line 2: calls lookup/),
    ]);
    expect(await objectsOf(withTemplate(`{{ if .Values.never }}${asks}{{ end }}\n`))).toHaveLength(1);
  });
});

describe('what comes out differently each time', () => {
  it.each([
    [
      'chance',
      'p: {{ randAlphaNum 12 | quote }}',
      /ConfigMap x .*\(data\.p\): the chart calls randAlphaNum \(web\/templates\/x.yaml, line 5\)/,
    ],
    [
      'the clock, in whole seconds too',
      'p: {{ now | unixEpoch | quote }}',
      /\(data\.p\): the chart calls now /,
    ],
    [
      'a map in no order',
      'p: {{ keys (dict "a" 1 "b" 1 "c" 1 "d" 1 "e" 1 "f" 1 "g" 1) | join "" }}',
      /calls keys /,
    ],
  ])('is refused with object, field and call: %s', async (_what, line, says) => {
    // Seven keys agree by chance in one of thousands of renders.
    const [first, ...more] = await mistakesOf(withTemplate(map('x', line)));
    expect([first, more]).toEqual([expect.stringMatching(says), []]);
  });

  it('is fine when a value stands in its place, or a patch does', async () => {
    const template = withTemplate(map('x', 'p: {{ default (randAlphaNum 12) .Values.p }}'));
    expect(await objectsOf(template, { valuesJson: '{"p":"mine"}' })).toHaveLength(2);
    const patches = [{ target: { name: 'x' }, kind: 'merge' as const, patchJson: '{"data":{"p":"mine"}}' }];
    expect(await objectsOf(template, {}, { patches })).toContainEqual(
      expect.objectContaining({ data: { p: 'mine' } }),
    );
  });
});

describe('the child of a chart', () => {
  it('reaches nothing that listens on this machine: what would lead there is refused before', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server that listens on TCP has an address with a port.
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    const schema = {
      ...chart,
      'web/values.schema.json': JSON.stringify({ properties: { a: { $ref: url } } }),
    };
    const dependency = `dependencies: [{name: far, version: 1.0.0, repository: "${url}"}]\n`;
    const remote = { ...chart, 'web/Chart.yaml': chart['web/Chart.yaml'] + dependency };
    try {
      expect(await mistakesOf(schema)).toEqual([expect.stringContaining('which is not fetched')]);
      expect(await mistakesOf(remote)).toEqual([expect.stringContaining('depends on chart far')]);
      expect(await mistakesOf(chart, { valuesFiles: [url] })).toEqual([
        expect.stringContaining('is not among the files'),
      ]);
      expect(asked).toEqual([]);
      // The same schema, given to the child alone, is followed.
      await byHelm(schema).catch(() => undefined);
      expect(asked).toEqual(['/x']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('leaves nothing behind', async () => {
    await objectsOf(chart);
    expect((await readdir(folder)).filter((name) => name.startsWith('flotilla-render-'))).toEqual([]);
  });
});
