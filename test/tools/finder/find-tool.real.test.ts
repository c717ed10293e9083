import { writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runChild } from '../child.ts';
import { findToolOf, peekTool } from './find-tool.ts';
import { goodProgram, Machine, noRelease, program, toolFrom } from './machine-fixture.ts';

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.make();
});

afterEach(async () => {
  await machine[Symbol.asyncDispose]();
});

describe('looking around', () => {
  it('takes the program that the environment names before any other', async () => {
    await machine.putProgram('bin/nats-server', program('2.14.0'));
    const named = await machine.putProgram('mine/other-name', program('2.13.1'));
    const found = await findToolOf(toolFrom(noRelease), machine.options({ FLOTILLA_NATS_SERVER: named }));
    expect(found).toMatchObject({ path: named, version: '2.13.1', origin: 'environment' });
  });

  it('takes even a program outside the range when a person names it, and says so', async () => {
    const named = await machine.putProgram('mine/nats-server', program('2.9.0'));
    await findToolOf(toolFrom(noRelease), machine.options({ FLOTILLA_NATS_SERVER: named }));
    expect(machine.said.join()).toContain('FLOTILLA_NATS_SERVER is 2.9.0, outside of >= 2.12.0 < 3.0.0');
  });

  it('does not quietly replace a named program that cannot run', async () => {
    await machine.putProgram('bin/nats-server', goodProgram);
    const env = { FLOTILLA_NATS_SERVER: join(machine.home, 'gone') };
    await expect(findToolOf(toolFrom(noRelease), machine.options(env))).rejects.toThrow(
      /FLOTILLA_NATS_SERVER=.*gone cannot be used: it does not run/,
    );
  });

  it('passes over programs on PATH that are too old or not the program, and takes the next', async () => {
    await machine.putProgram('old/nats-server', program('2.11.9'));
    await machine.putProgram('broken/nats-server', '#!/bin/sh\nexit 3\n');
    const good = await machine.putProgram('good/nats-server', program('2.12.0'));
    const path = ['old', 'broken', 'good'].map((folder) => join(machine.home, folder)).join(':');
    const found = await findToolOf(toolFrom(noRelease), machine.options({ PATH: path }));
    expect(found).toMatchObject({ path: good, origin: 'path' });
    expect(found.notes).toHaveLength(2);
    expect(found.notes[0]).toContain('2.11.9 is not >= 2.12.0 < 3.0.0, atomic batches are needed');
    expect(found.notes[1]).toContain('does not say its version (exit code 3)');
  });

  it('takes the cached program without asking anybody', async () => {
    const cached = await machine.putProgram('cache/tools/nats-server/2.15.2/nats-server', goodProgram);
    const found = await findToolOf(toolFrom(noRelease), machine.options());
    expect(found).toMatchObject({ path: cached, version: '2.15.2', origin: 'cache' });
  });

  it('installs nothing when it only peeks', async () => {
    expect((await peekTool(toolFrom(noRelease), machine.options())).found).toBeUndefined();
    expect(await machine.kept()).toEqual([]);
  });
});

describe('the Go build', () => {
  /** Stands for Go: `go version` answers, `go install` puts a program into GOBIN and counts itself. */
  const fakeGo = (version: string, built: string): string => `#!/bin/sh
[ "$1" = version ] && { echo "go version go${version} linux/amd64"; exit 0; }
echo built >>"${machine.home}/builds"
${built === '' ? 'false' : 'true'} || { echo "first line" >&2; echo "x.go:1: it does not compile" >&2; exit 1; }
mkdir -p "$GOBIN" && cat >"$GOBIN/nats-server" <<'PROGRAM'
${built}PROGRAM
[ ! -e "${machine.home}/hold" ] || while [ ! -e "${machine.home}/go-on" ]; do sleep 0.02; done
`;

  it('is tried when nothing can be downloaded', async () => {
    const go = await machine.putProgram('go', fakeGo('1.26.8', goodProgram));
    const found = await findToolOf(toolFrom(noRelease), machine.options({ FLOTILLA_GO: go }));
    expect(found).toMatchObject({ version: '2.15.2', origin: 'build' });
    expect(machine.said.join('\n')).toContain('building nats-server 2.15.2 with Go (up to 45 s on 2 cores)');
    expect(await machine.kept()).toEqual(['2.15.2']);
  });

  it('runs once for two runs at the same time, of which the second waits and says so', async () => {
    const env = { FLOTILLA_GO: await machine.putProgram('go', fakeGo('1.26.8', goodProgram)) };
    const tool = toolFrom(noRelease);
    // The first build is held until the second run has machine.said that it waits.
    await writeFile(join(machine.home, 'hold'), '');
    const say = (line: string): void => {
      machine.said.push(line);
      if (line.includes('waiting for it')) writeFileSync(join(machine.home, 'go-on'), '');
    };
    const run = () => findToolOf(tool, { ...machine.options(env), say });
    const both = await Promise.all([run(), run()]);
    expect(both.map((found) => found.origin).sort()).toEqual(['build', 'cache']);
    expect(await readFile(join(machine.home, 'builds'), 'utf8')).toBe('built\n');
    expect(machine.said.join('\n')).toContain(
      `process ${process.pid} is installing nats-server; waiting for it`,
    );
  });

  it('shows what Go machine.said when it fails, and keeps nothing', async () => {
    const go = await machine.putProgram('go', fakeGo('1.26.8', ''));
    await expect(findToolOf(toolFrom(noRelease), machine.options({ FLOTILLA_GO: go }))).rejects.toThrow(
      'x.go:1: it does not compile',
    );
    expect(await machine.kept()).toEqual([]);
  });

  it('is not tried with a Go that is too old', async () => {
    const go = await machine.putProgram('go', fakeGo('1.19.8', goodProgram));
    await expect(findToolOf(toolFrom(noRelease), machine.options({ FLOTILLA_GO: go }))).rejects.toThrow(
      'Go 1.19.8 is older than 1.21.0',
    );
  });

  it('leaves one line with every reason and the ways out when there is no Go either', async () => {
    const failure = await findToolOf(toolFrom(noRelease), machine.options()).catch((error: Error) => error);
    const message = failure instanceof Error ? failure.message : '';
    expect(message).toContain('nats-server 2.15.2 cannot be had: 127.0.0.1:9 cannot be reached');
    expect(message).toContain('Go is not there');
    expect(message).toContain(
      'put a nats-server >= 2.12.0 < 3.0.0 on PATH, name one in FLOTILLA_NATS_SERVER',
    );
    expect(message).not.toContain('\n');
  });

  it('takes over the lock of a run that was killed, and clears what that run left', async () => {
    const folder = join(machine.home, 'cache/tools/nats-server');
    await mkdir(join(folder, 'lock'), { recursive: true });
    await mkdir(join(folder, 'new-left'), { recursive: true });
    const dead = (await runChild('sh', ['-c', 'echo $$'], { output: 'capture' })).stdout.trim();
    await writeFile(join(folder, 'lock/owner.json'), JSON.stringify({ pid: Number(dead), host: hostname() }));
    const go = await machine.putProgram('go', fakeGo('1.26.8', goodProgram));
    await findToolOf(toolFrom(noRelease), machine.options({ FLOTILLA_GO: go }));
    expect(await machine.kept()).toEqual(['2.15.2']);
  });
});
