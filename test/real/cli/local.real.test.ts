import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChildOutcome, runChild } from '../../tools/child.ts';
import { runGit } from '../git-server/isolated-git.ts';
import { type BuiltCli, buildCli } from './cli-world.ts';

let built: BuiltCli;
let folder: string;

beforeAll(async () => {
  built = await buildCli();
});
afterAll(() => built[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-local-'));
});
afterEach(() => rm(folder, { recursive: true }));

const placement = (more = '') =>
  `apiVersion: flotilla.dev/v1alpha1\nkind: Placement\nmetadata: {name: shop}\nspec:\n  source: {path: apps/shop}\n  clusters: {matchLabels: {env: prod}}\n${more}`;

async function write(files: { readonly [path: string]: string }): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const git = (...args: readonly string[]) => runGit(['-C', folder, ...args]);

async function commit(): Promise<void> {
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message=all');
}

function run(...words: readonly string[]): Promise<ChildOutcome> {
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', HOME: folder };
  return runChild(process.execPath, [built.path, ...words], { cwd: folder, env, output: 'capture' });
}

/** Every file below .git with its content. */
async function gitFiles(): Promise<string> {
  const { stdout } = await runChild('sh', ['-c', 'find .git -type f | sort | xargs sha256sum'], {
    cwd: folder,
    output: 'capture',
  });
  return stdout;
}

describe('validate', () => {
  it('reads what is not committed, leaves out what Git ignores, and writes nothing into the repository', async () => {
    await write({ 'shop.yaml': placement(), 'apps/shop/a.yaml': 'a: 1\n', '.gitignore': 'local/\n' });
    await commit();
    const before = await gitFiles();
    await write({ 'local/bad.yaml': placement('  colour: blue\n'), 'new.yaml': placement('  hue: red\n') });

    const found = await run('validate');

    expect(found.code).toBe(1);
    expect(found.stdout).toBe(
      'new.yaml:7:3 UNKNOWN_FIELD unknown field "hue" in spec; known here: apply, clusters, confirm, createNamespace, dependsOn, drift, health, hold, ignore, namespace, onUnmatch, overrides, priority, prune, render, rollout, source, takeOverFrom, takeover\n',
    );
    expect(await gitFiles()).toBe(before);
  });

  it('takes any folder of a repository as the root, and one that is in none', async () => {
    await write({
      'fleet/shop.yaml': placement(),
      'fleet/apps/shop/a.yaml': 'a: 1\n',
      'bad.yaml': placement('  x: 1'),
    });
    expect(await run('validate', 'fleet')).toMatchObject({ code: 0, stdout: '' });
    await commit();
    expect(await run('validate', 'fleet')).toMatchObject({ code: 0, stdout: '' });
    expect((await run('validate')).code).toBe(1);
  });

  it('ends with 2 for what cannot be read', async () => {
    for (const words of [['nowhere'], ['--clusters', 'none.json']]) {
      const outcome = await run('validate', ...words, '-o', 'json');
      expect(outcome.code).toBe(2);
      expect(JSON.parse(outcome.stdout)).toMatchObject({ kind: 'Error', error: { code: 'FLT-1009' } });
    }
    await write({ 'c.json': '{"items": [{"kind": "Pod"}]}' });
    expect((await run('validate', '--clusters', 'c.json')).stderr).toContain('items.0.kind');
  });

  it('counts warnings with --strict only', async () => {
    await write({
      'g.yaml': placement()
        .replace('Placement', 'ClusterGroup')
        .replace(/ {2}source.*\n/, ''),
    });
    expect((await run('validate')).code).toBe(0);
    expect((await run('validate', '--strict')).code).toBe(1);
  });
});

describe('test', () => {
  const test = (clusters: string, expected: string) =>
    `apiVersion: flotilla.dev/v1alpha1\nkind: PlacementTest\nmetadata: {name: t}\nspec:\n${clusters}  expect: [${expected}]\n`;
  const own = '  clusters: [{name: a, labels: {env: prod}}]\n';

  it.each([
    [0, test(own, '{placement: shop, exactly: [a], path: apps/shop}')],
    [1, test(own, '{placement: shop, notPlaced: [a]}')],
    [8, test('', '{placement: shop, placed: [a]}')],
    [1, 'apiVersion: flotilla.dev/v1alpha1\nkind: PlacementTst\n'],
    [2, ''],
  ])('ends with %i', async (code, text) => {
    await write({ 'shop.yaml': placement(), 'apps/shop/a.yaml': 'a: 1\n', 'test.yaml': text });
    const outcome = await run('test', '.', '-o', 'json');
    expect(outcome.code).toBe(code);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ kind: code === 2 ? 'Error' : 'TestRun' });
  });

  it('runs over the clusters that the command line printed', async () => {
    await write({ 'shop.yaml': placement(), 'apps/shop/a.yaml': 'a: 1\n' });
    await write({ 'test.yaml': test('', '{placement: shop, exactly: [a]}') });
    const item = (name: string, env: string) => ({
      kind: 'Cluster',
      metadata: { name, labels: { env } },
      status: {},
    });
    const list = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'List',
      items: [item('a', 'prod'), item('b', 'test')],
    };
    await write({ 'clusters.json': JSON.stringify(list) });
    expect(await run('test', '--clusters', 'clusters.json')).toMatchObject({
      code: 0,
      stdout: 'passed   t\n',
    });
  });
});
