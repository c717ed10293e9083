import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTool } from '../../../../test/tools/index.ts';
import { openKustomize } from './kustomize.ts';
import { findLimiter } from './run-child.ts';

const signal = new AbortController().signal;
const file = (path: string, text: string) => ({ path, bytes: new TextEncoder().encode(text) });
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: "1"\n';

let program = '';
let folder = '';

beforeAll(async () => {
  program = (await findTool('kustomize')).path;
  folder = await mkdtemp(join(tmpdir(), 'flotilla-kustomize-test-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A stand-in for the binary: a shell script, so that misbehaviour can be shown. */
async function script(name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

async function leftovers(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('flotilla-render-'));
}

describe('kustomize as a child', () => {
  it('builds an overlay whose base lies outside of its folder, and leaves nothing behind', async () => {
    const kustomize = openKustomize({ program, temporaryFolder: folder });
    const files = [
      file('base/kustomization.yaml', 'resources: [cm.yaml]\n'),
      file('base/cm.yaml', configMap),
      file(
        'apps/prod/kustomization.yaml',
        'resources: [../../base]\nnamePrefix: prod-\nconfigMapGenerator:\n- name: extra\n  literals: [x=y]\n',
      ),
    ];

    const text = await kustomize.build({ files, path: 'apps/prod' }, signal);

    expect(text).toContain('name: prod-settings');
    expect(text).toMatch(/name: prod-extra-[a-z0-9]{10}/);
    expect(await leftovers()).toEqual([]);
  });

  it('tells what kustomize says, with paths of the repository', async () => {
    const kustomize = openKustomize({ program, temporaryFolder: folder });
    const files = [file('app/kustomization.yaml', 'resources: [gone.yaml]\n')];
    const error = await kustomize.build({ files, path: 'app' }, signal).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'RENDER_REFUSED',
      retry: 'never',
      message: expect.stringContaining('gone.yaml'),
    });
    expect(String(error)).not.toContain(folder);
  });

  it('reaches no server even when a remote base slips through the scan', async () => {
    const files = [file('kustomization.yaml', 'resources: ["http://example.org/y.yaml"]\n')];
    const kustomize = openKustomize({ program, temporaryFolder: folder });
    const error = await kustomize.build({ files, path: '' }, signal).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'RENDER_REFUSED' });
    // Neither its own client (proxy on a closed port) nor Git (no PATH) gets out.
    expect(String(error)).toMatch(/127\.0\.0\.1:9|executable file not found/);
  });

  it('says how to get it when it is not installed', async () => {
    for (const missing of [undefined, 'no-such-kustomize', join(folder, 'nowhere')])
      await expect(
        openKustomize({ program: missing }).build({ files: [], path: '' }, signal),
      ).rejects.toMatchObject({
        code: 'KUSTOMIZE_MISSING',
        message: expect.stringContaining('install it and set its path'),
      });
  });

  it('refuses files outside of the repository', async () => {
    const kustomize = openKustomize({ program, temporaryFolder: folder });
    for (const path of ['../x', '/etc/x', 'a/../../x'])
      await expect(kustomize.build({ files: [file(path, '')], path: '' }, signal)).rejects.toMatchObject({
        code: 'RENDER_PATH',
      });
    expect(await leftovers()).toEqual([]);
  });

  it('runs without the environment of the agent', async () => {
    process.env['FLOTILLA_TEST_SECRET'] = 'hunter2';
    const shown = await script(
      'show',
      'echo "secret=[$FLOTILLA_TEST_SECRET] proxy=[$HTTPS_PROXY] path=[$PATH]"',
    );
    const text = await openKustomize({ program: shown, temporaryFolder: folder }).build(
      { files: [], path: '' },
      signal,
    );
    delete process.env['FLOTILLA_TEST_SECRET'];
    expect(text.trim()).toBe('secret=[] proxy=[http://127.0.0.1:9] path=[]');
  });

  it('bounds the memory of the child where prlimit exists', async () => {
    const isBounded = (await findLimiter()) !== undefined;
    const rounds = isBounded ? 100 : 1;
    const allocate = `for (const all = []; all.length < ${rounds}; ) all.push(Buffer.alloc(50e6, 1)); process.exit(7)`;
    const greedy = await script('greedy', `exec ${process.execPath} -e '${allocate}'`);
    const kustomize = openKustomize({ program: greedy, temporaryFolder: folder });
    const error = await kustomize.build({ files: [], path: '' }, signal).catch((caught: unknown) => caught);
    // 5 GB were never given out; without prlimit the script stops by itself.
    expect(String(error).includes('ended with 7')).toBe(!isBounded);
  });

  it('ends a child that takes too long, writes too much, or is no longer wanted', async () => {
    const slow = await script('slow', 'while :; do :; done');
    const wordy = await script(
      'wordy',
      'while :; do echo "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; done',
    );
    const build = (path: string, options: { timeMs?: number; signal?: AbortSignal }) =>
      openKustomize({ program: path, temporaryFolder: folder, timeMs: options.timeMs ?? 30_000 }).build(
        { files: [], path: '' },
        options.signal ?? signal,
      );

    await expect(build(slow, { timeMs: 200 })).rejects.toMatchObject({
      message: 'kustomize took longer than 0.2 s',
    });
    await expect(build(wordy, {})).rejects.toMatchObject({
      message: expect.stringContaining('wrote more than'),
    });
    const stop = new AbortController();
    const building = build(slow, { signal: stop.signal });
    stop.abort(new Error('a newer row came'));
    await expect(building).rejects.toThrow('a newer row came');
    expect(await leftovers()).toEqual([]);
  });
});
