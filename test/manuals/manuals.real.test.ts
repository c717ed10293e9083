import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningProcess, startProcess } from '../real/control-side/running-process.ts';
import { freePorts } from '../real/free-ports.ts';
import { waitFor } from '../real/waiting.ts';
import { runChild } from '../tools/child.ts';
import { findTool, rootFolder } from '../tools/index.ts';

interface Example {
  readonly manual: string;
  readonly block: string;
  /** The commands of the block, each with what the manual shows after it. */
  readonly steps: readonly { readonly command: string; readonly output: string }[];
}

/** Blocks of `console` in a manual: one shell runs the commands of a block in order. */
async function examplesOf(manual: string): Promise<readonly Example[]> {
  const text = await readFile(join(rootFolder, manual), 'utf8');
  return [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) => ({
    manual,
    block: block.split('\n')[0] ?? '',
    steps: block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const end = step.indexOf('\n');
        return { command: step.slice(0, end), output: step.slice(end + 1) };
      }),
  }));
}

const examples = [...(await examplesOf('hub/README.md')), ...(await examplesOf('agent/README.md'))];

let folder: string;
let hub: RunningProcess;
let ports: { readonly health: number; readonly webhooks: number; readonly bus: number };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-manuals-'));
  const [health = 0, webhooks = 0, bus = 0] = await freePorts(3);
  ports = { health, webhooks, bus };
  await mkdir(join(folder, 'logs'));
  await writeFile(join(folder, 'webhook-secret'), 'it is a secret to everybody\n');
  const natsServer = await findTool('nats-server');
  hub = startProcess({
    name: 'hub',
    args: [
      ...[join(rootFolder, 'hub/src/main.ts'), 'serve', '--data-dir', join(folder, 'data')],
      // Nothing listens there: a hub without its control repository is live and ready all the same.
      ...['--control-url', 'http://127.0.0.1:1/fleet.git', '--plain-http-hosts', '127.0.0.1'],
      ...['--nats-server', natsServer.path, '--nats-address', `127.0.0.1:${bus}`],
      ...['--http-address', '127.0.0.1:0', '--agents-address', '127.0.0.1:0'],
      ...['--enrol-address', '127.0.0.1:0', '--health-address', `127.0.0.1:${health}`],
      ...['--webhook-address', `127.0.0.1:${webhooks}`],
      ...['--webhook-secret-file', join(folder, 'webhook-secret'), '--log-format', 'json'],
    ],
    env: { HOME: folder },
    logFile: join(folder, 'logs', 'hub.log'),
  });
  // It says nothing on stdout, so its first line never comes.
  await waitFor(
    'a ready hub',
    async () => ((await fetch(`http://127.0.0.1:${health}/readyz`)).ok ? true : undefined),
    { withinMs: 30_000 },
  );
});

afterAll(async () => {
  await hub.stop();
  expect(await hub.exited).toBe(0);
  await rm(folder, { recursive: true, force: true });
});

/** What stands in the manual for what differs from run to run, and back. */
function here(text: string): string {
  return text
    .replaceAll('127.0.0.1:7445', `127.0.0.1:${ports.health}`)
    .replaceAll('127.0.0.1:7446', `127.0.0.1:${ports.webhooks}`);
}

function general(text: string): string {
  return text
    .replaceAll(`127.0.0.1:${ports.bus}`, '127.0.0.1:4222')
    .replaceAll(/^flotilla-(hub|agent) \d+\.\d+\.\d+\S*$/gm, 'flotilla-$1 0.1.0')
    .replaceAll(/flotilla-hub 2\.\d+\.\d+/g, 'flotilla-hub 2.15.2');
}

describe('the manuals of hub and agent', () => {
  it('have examples', () => {
    expect(examples.length).toBeGreaterThan(3);
  });

  it.each(examples)('$manual prints what it shows: $block', async ({ steps }) => {
    const programs = (['hub', 'agent'] as const)
      .map((name) => `flotilla-${name}() { "$NODE" "$ROOT/${name}/src/main.ts" "$@"; }`)
      .join('; ');
    const commands = steps.map(({ command }) => `${here(command)}\nprintf '\\0'`).join('\n');
    const outcome = await runChild('bash', ['-c', `${programs}\n{ ${commands}\n} 2>&1`], {
      cwd: folder,
      env: { NODE: process.execPath, ROOT: rootFolder, NODE_NO_WARNINGS: '1' },
      output: 'capture',
    });
    const printed = outcome.stdout.split('\0').slice(0, -1);
    expect(printed.map((text) => `${general(text).trimEnd()}\n`)).toEqual(
      steps.map(({ output }) => `${output.trimEnd()}\n`),
    );
  });

  it('list every metric that a running hub shows', async () => {
    const page = await (await fetch(`http://127.0.0.1:${ports.health}/metrics`)).text();
    const shown = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
    const manual = await readFile(join(rootFolder, 'hub/README.md'), 'utf8');
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.filter((name) => !manual.includes(`\`${name}\``))).toEqual([]);
  });

  it('tell true answers of the webhook listener: 413 above 64 KiB', async () => {
    const body = 'x'.repeat(65_537);
    const answer = await fetch(`http://127.0.0.1:${ports.webhooks}/hooks/git`, { method: 'POST', body });
    expect(answer.status).toBe(413);
  });
});
