import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentSettings } from '@flotilla/agent/config';
import { type SimulatedCluster, startSimulatedCluster } from '@flotilla/agent/io/kube-simulated';
import { type RunningAgent, startAgent } from '@flotilla/agent/start';
import { seededRandom } from '@flotilla/shared/base';
import { readSettings, silentLogger, systemClock } from '@flotilla/shared/kit';
import type { AssignmentItem, ControlRepositoryFacts } from '@flotilla/shared/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTool } from '../../tools/index.ts';
import { ControlSide } from '../control-side/index.ts';
import { type RecordingServer, startRecordingServer } from '../recording-server.ts';
import { waitFor } from '../waiting.ts';

const within = { withinMs: 30_000 };
const head = 'apiVersion: flotilla.dev/v1alpha1\n';
const placement = (source: string) =>
  `${head}kind: Placement\nmetadata: {name: shop}\nspec:\n  source: {path: apps/shop${source}}\n  namespace: shop\n  createNamespace: true\n  clusters: {matchLabels: {env: prod}}\n`;
const files = {
  'fleet/shop.yaml': placement(''),
  'apps/shop/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {value: "1"}\n',
};

let folder: string;
let control: ControlSide;
/** Where the first control-url leads: a server that would see everything. */
let listener: RecordingServer;
let cluster: SimulatedCluster;
const agents: RunningAgent[] = [];

/** Writes the credential `platform` of one program, as a person mounts it. */
async function mount(program: 'hub' | 'agent', url: string): Promise<void> {
  const place = join(folder, `${program}-credentials/platform`);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'token'), 's3cret\n');
  await writeFile(join(place, 'url'), `${url}\n`);
}

/** Starts hub and Git server in the same folder as before, with other settings. */
async function startControl(settings: Readonly<Record<string, string>>): Promise<void> {
  await control?.[Symbol.asyncDispose]();
  const credentials = {
    'credentials-dir': join(folder, 'hub-credentials'),
    'control-credential': 'platform',
  };
  const hubSettings = { 'poll-interval': '1s', ...credentials, ...settings };
  control = await ControlSide.start({ folder, seed: join(folder, 'seed'), hubSettings });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-git-trust-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, 'seed', path, '..'), { recursive: true });
    await writeFile(join(folder, 'seed', path), text);
  }
  cluster = startSimulatedCluster({ clock: systemClock(), random: seededRandom(1) });
  await mount('hub', 'https://git.example.org');
  await mount('agent', 'https://git.example.org');
  listener = await startRecordingServer();
  const controlUrl = `${listener.url}/fleet.git`;
  await startControl({ 'control-url': controlUrl, 'denied-ranges': '10.0.0.0/8,127.0.0.0/8' });
});

afterAll(async () => {
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await cluster?.close();
  await control?.[Symbol.asyncDispose]();
  await listener?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function facts(): Promise<ControlRepositoryFacts> {
  return (await control.client.status()).status.control;
}

async function failure(code: string): Promise<ControlRepositoryFacts> {
  return await waitFor(
    code,
    async () => {
      const found = await facts();
      return found.failure?.code === code ? found : undefined;
    },
    within,
  );
}

describe('flotilla-hub', () => {
  test('sends the credential of its settings to no other server than that which it names, and says so', async () => {
    await failure('GIT_CREDENTIAL_ELSEWHERE');
    const { failure: shown } = await facts();

    expect(shown?.text).toContain(
      `credential platform is for https://git.example.org and is not sent to ${listener.url}/fleet.git`,
    );
    expect(listener.connections()).toBe(0);
  });

  test('connects to nothing in denied-ranges', async () => {
    await mount('hub', listener.url);

    const { failure: shown } = await failure('GIT_ADDRESS_REFUSED');

    expect(shown?.text).toContain('127.0.0.1 lies in the denied range 127.0.0.0/8');
    expect(shown?.text).toContain('denied-ranges');
    expect(listener.connections()).toBe(0);
  });

  test('reads the repository once both allow it', async () => {
    await mount('hub', control.settings.gitUrl);
    await startControl({});
    await waitFor('an adopted commit', async () => (await facts()).commit, within);
    expect((await facts()).failure).toBeUndefined();
  });

  test('shows the secret to no server that somebody writes into Git', async () => {
    await using other = await startRecordingServer();
    await control.workshop.push(
      {
        'fleet/shop.yaml': placement(', repo: theirs'),
        'fleet/theirs.yaml': `${head}kind: Source\nmetadata: {name: theirs}\nspec: {url: "${other.url}/shop.git", credential: platform}\n`,
      },
      'Point a source elsewhere',
    );

    const held = await waitFor(
      'a held source',
      async () => {
        const all = (await facts()).held;
        return all.length > 0 ? all : undefined;
      },
      within,
    );
    expect(held.map(({ text }) => text).join()).toContain(`is not sent to ${other.url}/shop.git`);
    expect(other.connections()).toBe(0);
    await control.workshop.push(
      { 'fleet/shop.yaml': files['fleet/shop.yaml'], 'fleet/theirs.yaml': null },
      'Back',
    );
    await waitFor('nothing held', async () => (await facts()).held.length === 0, within);
  });
});

describe('flotilla-agent', () => {
  const signal = new AbortController().signal;

  /** Starts the agent anew; it joins by the line when it has no identity yet. */
  async function startAnew(...flags: readonly string[]): Promise<void> {
    await agents.pop()?.[Symbol.asyncDispose]();
    const kustomize = await findTool('kustomize');
    const read = await readSettings(agentSettings, {
      env: {},
      args: [
        ...['--state-dir', join(folder, 'agent'), '--kustomize', kustomize.path],
        ...['--plain-http-hosts', '127.0.0.1', '--credentials-dir', join(folder, 'agent-credentials')],
        ...flags,
      ],
    });
    if (read.kind === 'mistakes') throw new Error(read.mistakes.join('; '));
    const options = { config: read.values, log: silentLogger, isSimulated: true, servesHealth: false };
    agents.push(await startAgent({ ...options, kube: cluster.portAs('agent') }, signal));
  }

  async function untilSaid(text: string): Promise<AssignmentItem> {
    return await waitFor(
      text,
      async () => {
        const [item] = await control.client.list('assignments');
        return item?.status.reason?.text.includes(text) === true ? item : undefined;
      },
      within,
    );
  }

  test('sends its credential to no other server than that which it names, connects to nothing in denied-ranges, and goes on when both allow it', async () => {
    const line = await control.client.joinLine('eu-1', { env: 'prod' });
    await startAnew('--join', line, '--denied-ranges', '127.0.0.0/8');
    const { gitUrl, controlUrl } = control.settings;
    const elsewhere = await untilSaid(
      `credential platform is for https://git.example.org and is not sent to ${controlUrl}`,
    );
    expect(elsewhere.status.reason?.code).toBe('FetchFailed');

    await mount('agent', gitUrl);
    await untilSaid('127.0.0.1 lies in the denied range 127.0.0.0/8');

    await startAnew();
    await waitFor(
      'Ready',
      async () => {
        const [item] = await control.client.list('assignments');
        return item?.status.state === 'Ready';
      },
      within,
    );
  });
});
