import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runChild } from '../../tools/child.ts';
import { rootFolder, withTools } from '../../tools/index.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { createRepository, type GitServer, startGitServer } from '../git-server/index.ts';
import { waitFor } from '../waiting.ts';

const program = join(rootFolder, 'agent/src/main.ts');
const slow = { withinMs: 60_000 };

let plane: ControlPlane;
let server: GitServer;
let folder: string;
let helm: string;
let kubectl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-alone-test-'));
  ({ helm = '', kubectl = '' } = await withTools('helm', 'kubectl'));
  plane = await startControlPlane({ nodes: 1, label: 'alone' });
  server = await startGitServer({ root: join(folder, 'repositories') });
});

afterAll(async () => {
  await server?.close();
  await plane?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs one command of the agent, as a person or a pipeline does. */
async function run(...args: readonly string[]) {
  return await runChild(process.execPath, [program, ...args], { output: 'capture', cwd: folder });
}

async function agent(...args: readonly string[]) {
  return await run(...args, '--helm', helm);
}

async function apply(...args: readonly string[]) {
  const outcome = await agent('apply', ...args, '--kubeconfig', plane.kubeconfigPath, '-o', 'json');
  return { ...outcome, said: outcome.stdout === '' ? undefined : JSON.parse(outcome.stdout) };
}

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function read(path: string) {
  const { status, text } = await plane.admin.send('GET', path);
  return status === 200 ? JSON.parse(text) : undefined;
}

const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
const deployment =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: main, image: "web:1"}]}\n';
const mapPath = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/configmaps/${name}`;

describe('flotilla-agent apply', () => {
  it('brings a folder to a cluster, waits until it is healthy, and prunes what left it on a later run', async () => {
    await write({
      'shop/a.yaml': configMap('a', '1'),
      'shop/b.yaml': configMap('b', '1'),
      'shop/web.yaml': deployment,
    });
    const set = ['shop', '--name', 'shop', '-n', 'shop', '--create-namespace'];

    const first = await apply(...set, '--wait');
    expect(first).toMatchObject({ code: 0, said: { state: 'Ready', counts: { total: 3, healthy: 3 } } });
    expect((await read('/apis/apps/v1/namespaces/shop/deployments/web')).status.availableReplicas).toBe(1);

    await write({ 'shop/a.yaml': configMap('a', '2') });
    await rm(join(folder, 'shop/b.yaml'));
    const kept = await apply(...set);
    expect(kept).toMatchObject({ code: 0, said: { isGood: true } });
    expect((await read(mapPath('shop', 'a'))).data).toEqual({ value: '2' });
    expect(await read(mapPath('shop', 'b'))).toBeDefined();

    const pruned = await apply(...set, '--prune', '--wait');
    expect(pruned).toMatchObject({ code: 0, said: { counts: { total: 2 } } });
    expect(await read(mapPath('shop', 'b'))).toBeUndefined();
  }, 120_000);

  it('ends with 1 and says why when it cannot go on, and with 2 when it is used wrongly', async () => {
    await write({ 'bad/a.yaml': configMap('a', '1').replace('\ndata:', '\ndaten:') });
    const stuck = await apply('bad', '--name', 'bad', '-n', 'default');
    expect(stuck).toMatchObject({ code: 1, said: { isGood: false, state: 'Stalled' } });
    expect(stuck.said.text + JSON.stringify(stuck.said.failing)).toContain('daten');

    const wrong = await agent('apply', '--repo', 'https://x', '--dir', 'y');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('name is missing: give --name NAME');
    expect(wrong.stderr).toContain('give one of --dir and --repo');
    const away = await agent('apply', 'gone', '--name', 'x', '--kubeconfig', plane.kubeconfigPath);
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('gone') });
  }, 60_000);

  it('takes a chart from Git, and refuses its hook by name', async () => {
    const repository = await createRepository(join(folder, 'repositories/charts.git'));
    const chart = {
      'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'charts/web/values.yaml': 'color: red\n',
      'charts/web/templates/c.yaml': configMap('{{ .Release.Name }}-color', '{{ .Values.color }}'),
      'env/prod.yaml': 'color: blue\n',
    };
    await repository.commit(chart);
    const git = ['--repo', server.urlOf('charts.git'), '--ref', 'main', '--plain-http-hosts', '127.0.0.1'];
    const set = [...git, '--path', 'charts/web', '--include', 'env', '--name', 'rel', '-n', 'default'];

    const ready = await apply(...set, '--values-file', '../../env/prod.yaml', '--wait');
    expect(ready).toMatchObject({ code: 0, said: { state: 'Ready', commit: await repository.idOf('main') } });
    expect((await read(mapPath('default', 'rel-color'))).data).toEqual({ value: 'blue' });

    await repository.commit({
      'charts/web/templates/h.yaml': `${configMap('h', '1')}`.replace(
        '{name: h}',
        '{name: h, annotations: {helm.sh/hook: pre-delete}}',
      ),
    });
    const refused = await apply(...set);
    expect(refused).toMatchObject({ code: 1, said: { state: 'Stalled', reason: 'HookUnsupported' } });
    expect(refused.said.text).toContain('charts/web/templates/h.yaml:1');
    expect(await read(mapPath('default', 'h'))).toBeUndefined();
  }, 120_000);

  it('keeps it up with --watch: corrects an edit, and applies what changes', async () => {
    await write({ 'live/a.yaml': configMap('live', '1') });
    const args = ['apply', 'live', '--name', 'live', '-n', 'default', '--watch', '--interval', '1s'];
    const child = spawn(process.execPath, [program, ...args, '--kubeconfig', plane.kubeconfigPath], {
      cwd: folder,
    });
    const valueIs = async (value: string) => (await read(mapPath('default', 'live')))?.data?.value === value;
    await waitFor('the first apply', () => valueIs('1'), slow);
    const headers = { 'content-type': 'application/merge-patch+json' };
    await plane.admin.json('PATCH', mapPath('default', 'live'), { data: { value: 'by hand' } }, headers);
    await waitFor('the correction', () => valueIs('1'), slow);
    await write({ 'live/a.yaml': configMap('live', '2') });
    await waitFor('the change', () => valueIs('2'), slow);

    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 120_000);
});

describe('flotilla-agent render', () => {
  it('prints with a cluster what is applied there: kubectl finds no difference afterwards', async () => {
    await write({
      'same/a.yaml': `${configMap('same', 'no')}---\n${deployment.replace('name: web}', 'name: same}')}`,
    });
    const set = ['same', '--name', 'same', '-n', 'default'];
    expect(await apply(...set)).toMatchObject({ code: 0 });

    const printed = await agent('render', ...set, '--kubeconfig', plane.kubeconfigPath);
    expect(printed.code).toBe(0);
    const objects = parseAllDocuments(printed.stdout, { version: '1.1' }).map((one) => one.toJS());
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`)).toEqual([
      'ConfigMap default',
      'Deployment default',
    ]);
    await write({ 'printed.yaml': printed.stdout });
    const options = [
      '--kubeconfig',
      plane.kubeconfigPath,
      'diff',
      '--server-side',
      '--field-manager=flotilla',
    ];
    const diff = await runChild(kubectl, [...options, '-f', join(folder, 'printed.yaml')], {
      output: 'capture',
    });
    expect(diff).toMatchObject({ code: 0, stdout: '' });
  }, 60_000);

  it('asks no cluster without a kubeconfig, and tells every mistake with its place', async () => {
    await write({ 'odd/a.yaml': 'a: b: c\n', 'odd/b.yaml': 'kind: X\n' });
    const said = await agent('render', 'odd');
    expect(said).toMatchObject({ code: 1, stdout: '' });
    expect(said.stderr).toMatch(/a\.yaml:1, line 1: /);
    expect(said.stderr).toContain('b.yaml:1: is not a Kubernetes object: apiVersion is missing');
  });
});

describe('flotilla-agent health', () => {
  it('judges what a cluster has, as a table and in JSON', async () => {
    await write({ 'well/web.yaml': deployment.replaceAll('web', 'well') });
    expect(await apply('well', '--name', 'well', '-n', 'default', '--wait')).toMatchObject({ code: 0 });
    const get = [
      '--kubeconfig',
      plane.kubeconfigPath,
      'get',
      'deployments,configmaps',
      '-n',
      'default',
      '-o',
    ];
    for (const form of ['json', 'yaml']) {
      const live = await runChild(kubectl, [...get, form], { output: 'capture' });
      await write({ 'live.txt': live.stdout });
      const table = await run('health', '-f', 'live.txt');
      expect(table.stdout).toMatch(/^Current +Deployment default\/well/m);
    }
    const verdicts = await run('health', '-f', 'live.txt', '-o', 'json');
    expect(verdicts.code).toBe(0);
    expect(JSON.parse(verdicts.stdout).verdicts).toContainEqual(
      expect.objectContaining({ kind: 'Deployment', name: 'well', status: 'Current' }),
    );
  }, 60_000);
});
