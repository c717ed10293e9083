import type { KustomizePort } from '@flotilla/agent/ports';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { never } from '../never.ts';

type MakePort = () => Promise<KustomizePort>;

const configMap = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: "1"\n`;
const kustomization = (...resources: readonly string[]) => `resources: [${resources.join(', ')}]\n`;

const files = {
  'base/kustomization.yaml': kustomization('cm.yaml'),
  'base/cm.yaml': configMap('base'),
  'apps/prod/kustomization.yaml': kustomization('../../base', 'own.yaml'),
  'apps/prod/own.yaml': configMap('own'),
  'apps/prod/stray.yaml': configMap('stray'),
};

/** The promises of the KustomizePort port; run on the real adapter and on the fake. */
export function kustomizeContract(makePort: MakePort): void {
  builds(makePort);
  refusals(makePort);
}

async function build(
  port: KustomizePort,
  texts: Readonly<Record<string, string>>,
  path: string,
): Promise<string> {
  const encoder = new TextEncoder();
  const given = Object.entries(texts).map(([name, text]) => ({ path: name, bytes: encoder.encode(text) }));
  return await port.build({ files: given, path }, never);
}

function namesIn(yaml: string): readonly string[] {
  return parseAllDocuments(yaml).map((document) => document.toJS().metadata.name);
}

function builds(makePort: MakePort): void {
  test('what the folder names is built, also what lies outside of it, and nothing that it does not name', async () => {
    const port = await makePort();
    expect(namesIn(await build(port, files, 'apps/prod')).toSorted()).toEqual(['base', 'own']);
    expect(namesIn(await build(port, files, 'base'))).toEqual(['base']);
  });

  test('the same files give the same bytes', async () => {
    const port = await makePort();
    expect(await build(port, files, 'apps/prod')).toBe(await build(port, files, 'apps/prod'));
  });

  test('the root of the files is a folder like any other', async () => {
    const port = await makePort();
    const texts = { 'kustomization.yaml': kustomization('cm.yaml'), 'cm.yaml': configMap('root') };
    expect(namesIn(await build(port, texts, ''))).toEqual(['root']);
  });

  test('builds that are asked for at the same time see their own files only', async () => {
    const port = await makePort();
    const texts = (name: string) => ({
      'a/kustomization.yaml': kustomization('cm.yaml'),
      'a/cm.yaml': configMap(name),
    });
    const built = await Promise.all(['one', 'two', 'three'].map((name) => build(port, texts(name), 'a')));
    expect(built.flatMap(namesIn)).toEqual(['one', 'two', 'three']);
    await expect(build(port, { 'a/kustomization.yaml': kustomization('cm.yaml') }, 'a')).rejects.toThrow(
      'cm.yaml',
    );
  });
}

function refusals(makePort: MakePort): void {
  const refused = { name: 'RenderError', code: 'RENDER_REFUSED', retry: 'never' };

  test('what is named and not there is refused with its name', async () => {
    const building = build(await makePort(), { 'app/kustomization.yaml': kustomization('gone.yaml') }, 'app');
    await expect(building).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('gone.yaml'),
    });
  });

  test('a folder without a kustomization, and one that is not there, are refused', async () => {
    const port = await makePort();
    await expect(build(port, files, 'apps')).rejects.toMatchObject(refused);
    await expect(build(port, files, 'nowhere')).rejects.toMatchObject(refused);
  });

  test('files and folders outside of the repository are refused', async () => {
    const port = await makePort();
    const outside = { name: 'RenderError', code: 'RENDER_PATH', retry: 'never' };
    for (const path of ['../x', '/etc/x', 'a/../../x']) {
      await expect(build(port, { ...files, [path]: '' }, 'base')).rejects.toMatchObject(outside);
      await expect(build(port, files, path)).rejects.toMatchObject(outside);
    }
  });

  test('an abort rejects with its reason, and the next build goes on', async () => {
    const port = await makePort();
    const reason = new Error('a newer row came');
    const aborted = port.build({ files: [], path: '' }, AbortSignal.abort(reason));
    await expect(aborted).rejects.toBe(reason);
    expect(namesIn(await build(port, files, 'base'))).toEqual(['base']);
  });
}
