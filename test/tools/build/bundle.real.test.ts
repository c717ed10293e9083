import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ChildOutcome, runChild } from '../child.ts';
import { writeBundle } from './bundle.ts';
import { cliRuntime } from './runtime.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'flotilla-bundle-'));
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function bundleAndRun(
  texts: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<ChildOutcome> {
  for (const [name, text] of Object.entries(texts)) await writeFile(join(home, name), text);
  const output = join(home, 'out/program');
  await mkdir(join(home, 'out'));
  await writeBundle({
    entry: join(home, 'main.ts'),
    output,
    version: '1.2.3+abc',
    runtime: { flags: [], env: {} },
  });
  const env = { PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` };
  return runChild(output, args, { output: 'capture', env });
}

it('makes one file that runs by itself, knows its version and gets its arguments', async () => {
  const main = `
    declare const FLOTILLA_VERSION: string | undefined;
    const version: string = typeof FLOTILLA_VERSION === 'string' ? FLOTILLA_VERSION : 'source';
    console.log(version, process.argv.slice(2).join(' '), await Promise.resolve('awaited'));
  `;
  const outcome = await bundleAndRun({ 'main.ts': main }, 'get', 'clusters');
  expect(outcome).toMatchObject({ code: 0, stdout: '1.2.3+abc get clusters awaited\n', stderr: '' });
  expect((await stat(join(home, 'out/program'))).mode & 0o111).toBe(0o111);
});

it('runs a lazily imported module only when it is asked for, and once', async () => {
  const texts = {
    'main.ts': `
      console.log('start');
      if (process.argv[2] === 'lazy') {
        await import('./lazy.ts');
        console.log((await import('./lazy.ts')).value);
      }
      console.log('end');
    `,
    'lazy.ts': "import { deep } from './deep.ts'; console.log('lazy ran'); export const value = deep;",
    'deep.ts': "console.log('deep ran'); export const deep = 7;",
  };
  const outcome = await bundleAndRun(texts, 'lazy');
  expect(outcome.stdout).toBe('start\ndeep ran\nlazy ran\n7\nend\n');
  const again = await runChild(join(home, 'out/program'), [], {
    output: 'capture',
    env: { PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
  });
  expect(again.stdout).toBe('start\nend\n');
});

it('carries CommonJS libraries that ask for modules of Node and for their folder', async () => {
  const texts = {
    'main.ts': "import old from './old.cjs'; console.log(old());",
    'old.cjs':
      "const { basename } = require('path'); module.exports = () => basename(__dirname) + typeof __filename;",
  };
  expect(await bundleAndRun(texts)).toMatchObject({ code: 0, stdout: 'outstring\n', stderr: '' });
});

it('takes of Node only what it uses: a server needs no fetch', async () => {
  const main = `
    import { createServer } from 'node:http';
    console.log(typeof createServer, process.moduleLoadList.filter((name) => name.includes('undici')));
  `;
  expect(await bundleAndRun({ 'main.ts': main })).toMatchObject({ code: 0, stdout: 'function []\n' });
});

it('is written in ASCII throughout, and means the same', async () => {
  const main =
    "console.log(/[\uFFF0-\uFFFF]/.test('\uFFFF'), 'caf\u00e9', /^\u{1F600}$/u.test('\u{1F600}'));";
  const outcome = await bundleAndRun({ 'main.ts': main });
  expect(outcome).toMatchObject({ code: 0, stdout: 'true caf\u00e9 true\n' });
  const bytes = await readFile(join(home, 'out/program'));
  expect(bytes.filter((byte) => byte > 0x7f)).toHaveLength(0);
});

it('starts Node with the flags and the variables of its program, which a person may set otherwise', async () => {
  await writeFile(
    join(home, 'main.ts'),
    "console.log(process.execArgv.join(' '), process.env['SOME_SETTING']);",
  );
  const output = join(home, 'program');
  const runtime = { flags: ['--max-semi-space-size=2'], env: { SOME_SETTING: '1' } };
  await writeBundle({ entry: join(home, 'main.ts'), output, version: '1.2.3', runtime });
  const PATH = `${join(process.execPath, '..')}:${process.env['PATH']}`;
  const outcome = await runChild(output, [], { output: 'capture', env: { PATH } });
  expect(outcome).toMatchObject({ code: 0, stdout: '--max-semi-space-size=2 1\n' });
  const other = await runChild(output, [], { output: 'capture', env: { PATH, SOME_SETTING: '4' } });
  expect(other.stdout).toBe('--max-semi-space-size=2 4\n');
});

it('lets the command line keep what Node compiled where caches belong, and do without where it may not', async () => {
  await writeFile(join(home, 'main.ts'), "console.log('runs');");
  const output = join(home, 'program');
  await writeBundle({ entry: join(home, 'main.ts'), output, version: '1.2.3', runtime: cliRuntime });
  const PATH = `${join(process.execPath, '..')}:${process.env['PATH']}`;
  const run = (env: Record<string, string | undefined>) =>
    runChild(output, [], {
      output: 'capture',
      env: { PATH, XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined, ...env },
    });
  expect(await run({ HOME: home })).toMatchObject({ code: 0, stdout: 'runs\n', stderr: '' });
  expect(await readdir(join(home, '.cache/flotilla/compiled'))).toHaveLength(1);
  expect(await run({ HOME: output })).toMatchObject({ code: 0, stdout: 'runs\n', stderr: '' });
  expect(await run({ HOME: undefined })).toMatchObject({ code: 0, stdout: 'runs\n', stderr: '' });
});

it('has one first line for the shell, also when the entry brings its own', async () => {
  const main = "#!/usr/bin/env node\nconsole.log('runs');\n";
  expect(await bundleAndRun({ 'main.ts': main })).toMatchObject({ code: 0, stdout: 'runs\n', stderr: '' });
});

it('says in one line which Node it needs when it finds an older one, or none', async () => {
  await bundleAndRun({ 'main.ts': "console.log('runs');" });
  const old = join(home, 'old-node');
  await writeFile(old, '#!/bin/sh\necho v20.20.2\n', { mode: 0o755 });
  const program = join(home, 'out/program');
  const outcome = await runChild(program, [], { output: 'capture', env: { FLOTILLA_NODE: old } });
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toBe(
    `program needs Node 24 or newer, and ${old} is v20.20.2: install one, or name it in FLOTILLA_NODE\n`,
  );
  const none = await runChild(program, [], { output: 'capture', env: { FLOTILLA_NODE: join(home, 'none') } });
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('is not there: install one') });
});
