import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ChildOutcome, runChild } from '../child.ts';
import { writeBundle } from './bundle.ts';

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
  await writeBundle({ entry: join(home, 'main.ts'), output, version: '1.2.3+abc' });
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
