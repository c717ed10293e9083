import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runChild } from '../../tools/child.ts';
import { findTool, rootFolder } from '../../tools/index.ts';
import { type RunningProcess, startProcess } from '../control-side/index.ts';
import { freePorts } from '../free-ports.ts';
import { waitFor } from '../waiting.ts';

let folder: string;
let hub: RunningProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-pod-'));
});

afterEach(async () => {
  await hub?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The profile's settings file with this test's folder and ports in the places of the pod's. */
async function settingsHere(): Promise<{ readonly file: string; readonly health: number }> {
  const text = await readFile(join(rootFolder, 'deploy/hub/profiles/own-bus/hub.yaml'), 'utf8');
  const podPorts = [7440, 7443, 7444, 7445, 4222];
  const ports = await freePorts(podPorts.length);
  const here = podPorts.reduce(
    (settings, pod, index) =>
      settings.replace(new RegExp(`(?:127\\.0\\.0\\.1|"):${pod}"?`), `127.0.0.1:${ports[index]}`),
    text.replace('/var/lib/flotilla', join(folder, 'data')),
  );
  const file = join(folder, 'hub.yaml');
  const nats = await findTool('nats-server');
  await writeFile(file, `${here}\nnats-server: ${nats.path}\n`);
  return { file, health: ports[3] ?? 0 };
}

test('the settings of the pod make a ready hub, and its command line needs nothing but the data folder as home', async () => {
  const { file, health } = await settingsHere();
  const data = join(folder, 'data');
  const temporary = join(folder, 'tmp');
  await Promise.all([mkdir(data), mkdir(temporary)]);
  const env = { FLOTILLA_CONFIG: file, HOME: data, TMPDIR: temporary, XDG_CONFIG_HOME: '' };
  const logFile = join(folder, 'hub.log');
  hub = startProcess({ name: 'hub', args: [join(rootFolder, 'hub/src/main.ts'), 'serve'], env, logFile });
  const ready = async () => ((await fetch(`http://127.0.0.1:${health}/readyz`)).ok ? true : undefined);
  await waitFor('a ready hub', ready, { withinMs: 30_000 });

  const flotilla = (...args: readonly string[]) =>
    runChild(process.execPath, [join(rootFolder, 'hub/cli/src/main.ts'), ...args], {
      env,
      output: 'capture',
    });
  const joining = await flotilla('cluster', 'join-command', 'prod-eu-1', '--only', 'line');
  const token = (await readFile(join(data, 'admin-token'), 'utf8')).trim();

  expect(joining).toMatchObject({ code: 0, stdout: expect.stringMatching(/^hub\.example\.org:\d+\/flt1\./) });
  expect(token.length).toBeGreaterThan(30);
  // The root of the pod's file system cannot be written: the data folder and /tmp are all there is.
  expect((await readdir(folder)).sort()).toEqual(['data', 'hub.log', 'hub.yaml', 'tmp']);
});
