import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { GitId } from '@flotilla/shared/base';
import { systemClock } from '@flotilla/shared/kit';
import type { HelmOptions, Render } from '@flotilla/shared/model';
import { afterAll, beforeAll } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { memoryKustomize } from '../../../../test/fakes/kustomize.ts';
import { findTool } from '../../../../test/tools/index.ts';
import { formatProblem, makeKindTable, type RenderResult } from '../../core/index.ts';
import { openHelm } from '../../io/render/index.ts';
import type { ContentFile } from '../../ports.ts';
import { renderFiles } from './render-files.ts';

export const run = promisify(execFile);
const never = new AbortController().signal;
export const kubeVersion = 'v1.36.3';

/** Test only: the helm program, and a folder that goes away; set before the first test of a file. */
export let program: string;
export let folder: string;

/** Gives a test file both. */
export function useCharts(): void {
  beforeAll(async () => {
    program = (await findTool('helm')).path;
    folder = await mkdtemp(join(tmpdir(), 'flotilla-charts-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
}

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

export async function objectsOf(...given: Parameters<typeof render>): Promise<readonly unknown[]> {
  const result = await render(...given);
  if (result.kind === 'problems') throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.objects.map(({ object }) => object);
}

export async function mistakesOf(...given: Parameters<typeof render>): Promise<readonly string[]> {
  const result = await render(...given);
  return result.kind === 'problems' ? result.problems.map(formatProblem) : [];
}

/** What `helm template` prints for the same files, called as people call it. */
export async function byHelm(texts: Texts, ...args: readonly string[]): Promise<readonly unknown[]> {
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

export async function writeAll(root: string, texts: Texts): Promise<void> {
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
export async function createdChart(name: string): Promise<Record<string, Uint8Array>> {
  const root = await mkdtemp(join(folder, 'created-'));
  await run(program, ['create', name], { cwd: root });
  return await readAll(root);
}

export const map = (name: string, ...data: readonly string[]) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n${data.map((line) => `  ${line}\n`).join('')}`;
export const chart = {
  'web/Chart.yaml': 'apiVersion: v2\nname: shop-web\nversion: 1.0.0\n',
  'web/values.yaml': 'a: 1\nb: {c: x, d: y}\nlist: [1, 2]\n',
  'web/templates/a.yaml': map('a', 'a: {{ .Values.a | quote }}', 'b: {{ toJson .Values.b | quote }}'),
};
export const withTemplate = (text: string) => ({ ...chart, 'web/templates/x.yaml': text });
