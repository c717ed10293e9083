import { gzipSync } from 'node:zlib';
import type { ContentFile, HelmInput, HelmPort } from '@flotilla/agent/ports';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { never } from '../never.ts';
import { tarOf } from './tar.ts';

type MakePort = () => Promise<HelmPort>;

const files = {
  'apps/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'apps/web/values.yaml': 'color: red\nsize: small\n',
  'apps/web/crds/w.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ws.example.org}\n',
  'apps/web/templates/cm.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  color: {{ .Values.color }}\n  size: {{ .Values.size }}\n  where: {{ .Release.Namespace }}\n',
  'env/prod.yaml': 'color: blue\nsize: large\n',
  'env/eu.yaml': 'size: huge\n',
};

const release = {
  path: 'apps/web',
  releaseName: 'shop',
  namespace: 'prod',
  kubeVersion: 'v1.36.3',
  apiVersions: ['v1'],
  valuesFiles: [],
  valuesJson: undefined,
};

/** The promises of the HelmPort port; run on the real adapter and on the fake. */
export function helmContract(makePort: MakePort): void {
  renders(makePort);
  refusals(makePort);
  archives(makePort);
}

function input(texts: Readonly<Record<string, string>>, wish: Partial<HelmInput> = {}): HelmInput {
  const encoder = new TextEncoder();
  const given = Object.entries(texts).map(([path, text]) => ({ path, bytes: encoder.encode(text) }));
  return { ...release, files: given, ...wish };
}

async function render(port: HelmPort, given: HelmInput): Promise<string> {
  return await port.template(given, { fresh: false }, never);
}

function dataIn(yaml: string): unknown {
  const objects = parseAllDocuments(yaml).map((document) => document.toJS());
  return objects.find((object) => object?.kind === 'ConfigMap')?.data;
}

function renders(makePort: MakePort): void {
  test('a chart is rendered with its own values, definitions first, each document with its template', async () => {
    const text = await render(await makePort(), input(files));

    expect(dataIn(text)).toEqual({ color: 'red', size: 'small', where: 'prod' });
    expect(text.match(/^# Source: .*$/gm)).toEqual([
      '# Source: web/crds/w.yaml',
      '# Source: web/templates/cm.yaml',
    ]);
  });

  test('later values files win over earlier ones, and the given values over all', async () => {
    const wish = { valuesFiles: ['env/prod.yaml', 'env/eu.yaml'] };
    const port = await makePort();

    expect(dataIn(await render(port, input(files, wish)))).toMatchObject({ color: 'blue', size: 'huge' });
    const won = input(files, { ...wish, valuesJson: '{"color":"green"}' });
    expect(dataIn(await render(port, won))).toMatchObject({ color: 'green', size: 'huge' });
  });

  test('the same input gives the same bytes, also when it is made afresh', async () => {
    const port = await makePort();
    const first = await render(port, input(files));

    expect(await render(port, input(files))).toBe(first);
    expect(await port.template(input(files), { fresh: true }, never)).toBe(first);
  });

  test('renders that are asked for at the same time see their own values only', async () => {
    const port = await makePort();
    const colors = ['one', 'two', 'three'];
    const texts = await Promise.all(
      colors.map((color) => render(port, input(files, { valuesJson: JSON.stringify({ color }) }))),
    );
    expect(texts.map(dataIn)).toMatchObject(colors.map((color) => ({ color })));
  });
}

function refusals(makePort: MakePort): void {
  const refused = { name: 'RenderError', code: 'RENDER_REFUSED', retry: 'never' };

  test('a template that cannot be run is refused with its place', async () => {
    const broken = { ...files, 'apps/web/templates/cm.yaml': '{{ nope }}' };
    await expect(render(await makePort(), input(broken))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('web/templates/cm.yaml:1'),
    });
  });

  test('a folder that is no chart is refused', async () => {
    const { 'apps/web/Chart.yaml': _gone, ...without } = files;
    await expect(render(await makePort(), input(without))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('Chart.yaml file is missing'),
    });
  });

  test('an abort rejects with its reason, and the next render goes on', async () => {
    const port = await makePort();
    const reason = new Error('a newer row came');
    const aborted = port.template(input(files), { fresh: false }, AbortSignal.abort(reason));
    await expect(aborted).rejects.toBe(reason);
    expect(dataIn(await render(port, input(files)))).toMatchObject({ color: 'red' });
  });
}

function archives(makePort: MakePort): void {
  const pack = (entries: Readonly<Record<string, string>>): ContentFile => ({
    path: 'apps/web/charts/db-1.0.0.tgz',
    bytes: gzipSync(tarOf(entries)),
  });

  test('a packed chart is unpacked beside its archive', async () => {
    const unpacked = await (await makePort()).unpack(pack({ 'db/Chart.yaml': 'name: db\n' }), never);
    expect(unpacked.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)])).toEqual([
      ['apps/web/charts/db/Chart.yaml', 'name: db\n'],
    ]);
  });

  test('an archive that is none, or leads out of its folder, is refused by its name', async () => {
    const port = await makePort();
    const named = { name: 'RenderError', retry: 'never' };
    const plain = { path: 'a/charts/x.tgz', bytes: new TextEncoder().encode('hello') };
    await expect(port.unpack(plain, never)).rejects.toMatchObject({
      ...named,
      message: expect.stringContaining('a/charts/x.tgz'),
    });
    for (const path of ['../x', '/etc/x', 'db/../../x'])
      await expect(port.unpack(pack({ [path]: '' }), never)).rejects.toMatchObject(named);
  });
}
