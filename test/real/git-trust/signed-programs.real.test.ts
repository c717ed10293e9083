import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentSettings } from '@flotilla/agent/config';
import { type SimulatedCluster, startSimulatedCluster } from '@flotilla/agent/io/kube-simulated';
import { startAgent } from '@flotilla/agent/start';
import { type GitId, seededRandom } from '@flotilla/shared/base';
import { readSettings, silentLogger, systemClock } from '@flotilla/shared/kit';
import type { ControlRepositoryFacts } from '@flotilla/shared/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findTool } from '../../tools/index.ts';
import { ControlSide } from '../control-side/index.ts';
import { openRepository, type TestRepository } from '../git-server/index.ts';
import { commitSigned } from '../git-server/signed-commits.ts';
import { makeSshKey, type SshKeyPair } from '../git-server/ssh-keys.ts';
import { type SshGitServer, startSshGitServer } from '../git-server/ssh-server.ts';
import { waitFor } from '../waiting.ts';

const within = { withinMs: 60_000 };
const signal = new AbortController().signal;
const configMap = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {value: "${value}"}\n`;
const files = {
  'fleet/shop.yaml':
    'apiVersion: flotilla.dev/v1alpha1\nkind: Placement\nmetadata: {name: shop}\nspec:\n  source: {path: apps/shop}\n  namespace: shop\n  createNamespace: true\n  clusters: {matchLabels: {env: prod}}\n  rollout: {strategy: all-at-once}\n',
  'apps/shop/a.yaml': configMap('1'),
};

let folder: string;
let control: ControlSide;
let server: SshGitServer;
let signer: SshKeyPair;
let repository: TestRepository;
let cluster: SimulatedCluster;
const closing: AsyncDisposable[] = [];

/** A hub that reaches its repository over SSH alone, and takes only what one key signed. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-signed-fleet-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, 'seed', path, '..'), { recursive: true });
    await writeFile(join(folder, 'seed', path), text);
  }
  const [hostKey, userKey] = [await makeSshKey(folder, 'host'), await makeSshKey(folder, 'user')];
  signer = await makeSshKey(folder, 'signer');
  await writeFile(join(folder, 'signers'), `# who may\n${signer.publicKey}\n`);
  const keys = { hostKeys: [hostKey.privateKey], authorized: userKey.publicKey };
  server = await startSshGitServer({ root: join(folder, 'git'), ...keys });
  const deploy = join(folder, 'credentials/deploy');
  await mkdir(deploy, { recursive: true });
  await writeFile(join(deploy, 'url'), `ssh://git@127.0.0.1:${server.port}`);
  await writeFile(join(deploy, 'ssh-privatekey'), userKey.privateKey);
  await writeFile(join(deploy, 'known_hosts'), `[127.0.0.1]:${server.port} ${hostKey.publicKey}\n`);
  const hubSettings = {
    'poll-interval': '1s',
    'control-url': server.urlOf('control.git'),
    'control-credential': 'deploy',
    'credentials-dir': join(folder, 'credentials'),
    'control-signers-file': join(folder, 'signers'),
  };
  control = await ControlSide.start({ folder, seed: join(folder, 'seed'), hubSettings });
  repository = openRepository(join(folder, 'git/control.git'));
  cluster = startSimulatedCluster({ clock: systemClock(), random: seededRandom(1) });
});

afterAll(async () => {
  for (const one of closing) await one[Symbol.asyncDispose]();
  await cluster?.close();
  await control?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function facts(): Promise<ControlRepositoryFacts> {
  return (await control.client.status()).status.control;
}

const inForce = async (commit: GitId) =>
  await waitFor(`${commit} in force`, async () => (await facts()).commit?.id === commit, within);

async function refused(commit: GitId): Promise<string> {
  const found = await waitFor(
    `${commit} refused`,
    async () => {
      const { failure } = await facts();
      return failure?.code === 'GIT_SIGNATURE' && failure.text.includes(commit.slice(0, 12))
        ? failure
        : undefined;
    },
    within,
  );
  return found.text;
}

async function startOneAgent(): Promise<void> {
  const kustomize = await findTool('kustomize');
  const read = await readSettings(agentSettings, {
    env: {},
    args: [
      ...['--state-dir', join(folder, 'agent'), '--kustomize', kustomize.path],
      ...['--plain-http-hosts', '127.0.0.1', '--credentials-dir', join(folder, 'credentials')],
      ...['--join', await control.client.joinLine('eu-1', { env: 'prod' })],
    ],
  });
  if (read.kind === 'mistakes') throw new Error(read.mistakes.join('; '));
  const options = { config: read.values, log: silentLogger, isSimulated: true, servesHealth: false };
  closing.push(await startAgent({ ...options, kube: cluster.portAs('agent') }, signal));
}

const readyAt = async (commit: GitId) =>
  await waitFor(
    `Ready at ${commit}`,
    async () => {
      const [item] = await control.client.list('assignments');
      return item?.status.state === 'Ready' && item.spec.commit?.id === commit;
    },
    within,
  );

test('hub and agent take over SSH what the signer signed, and keep it when somebody pushes what nobody did', async () => {
  expect(await refused(await repository.idOf('main'))).toContain('carries no signature');

  const first = await commitSigned(repository, signer);
  await inForce(first);
  await startOneAgent();
  await readyAt(first);

  const unsigned = await repository.commit({ 'apps/shop/a.yaml': configMap('2') });
  expect(await refused(unsigned)).toContain('carries no signature');
  await readyAt(first);

  const second = await commitSigned(repository, signer);
  await inForce(second);
  await readyAt(second);
  expect(server.seen.filter((one) => one === 'login git').length).toBeGreaterThan(0);
});
