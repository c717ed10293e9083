import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { externalNatsConfig, type HubIdentity, openIdentity } from '@flotilla/hub/identity';
import { type Child, cryptoRandom, silentLogger, startChild, systemClock } from '@flotilla/shared/kit';
import { type Bus, connectBus } from '@flotilla/shared/kit/nats';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findTool, rootFolder } from '../../tools/index.ts';
import { freePorts } from '../free-ports.ts';
import { never } from './index.ts';

const clock = systemClock();
const deadlineMs = 40_000;
const children: Child[] = [];
let folder: string;
let program: string;
let identity: HubIdentity;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-external-'));
  program = (await findTool('nats-server')).path;
  identity = await openIdentity({ dataDir: folder, trustDomain: 'flotilla', serverNames: [], clock });
});
afterEach(async () => {
  for (const child of children.splice(0)) await child.stop();
  await rm(folder, { recursive: true });
});

/** What a person does with the text that nats-config prints. */
async function writeConfig(name: string, port: number, more = ''): Promise<string> {
  const { certPem, keyPem } = identity.tlsServer();
  const at = (file: string) => join(folder, `${name}-${file}`);
  await writeFile(at('cert.pem'), certPem);
  await writeFile(at('key.pem'), keyPem, { mode: 0o600 });
  const text = externalNatsConfig(identity.natsAccounts, {
    serverName: name,
    host: '127.0.0.1',
    port,
    storeDir: at('store'),
    certificateFile: at('cert.pem'),
    keyFile: at('key.pem'),
  });
  await writeFile(at('nats.conf'), text + more);
  return at('nats.conf');
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  children.push(await startChild({ program, args, env, graceMs: 10_000 }));
}

function connect(ports: readonly number[]): Promise<Bus> {
  const { jwt, seed } = identity.natsAccounts.hubUser('hub');
  const options = {
    name: 'hub',
    servers: () => ports.map((port) => `tls://127.0.0.1:${port}`),
    credentials: () => ({ kind: 'jwt', jwt, seed }) as const,
    caPem: () => identity.tlsServer().caPem,
    backoff: { baseMs: 20, capMs: 500 },
    versionMin: '2.12.0',
    pingMs: 2_000,
    random: cryptoRandom(),
    log: silentLogger,
  };
  return connectBus(options, AbortSignal.timeout(deadlineMs));
}

async function ask(bus: Bus, subject: string, data: object | string): Promise<string> {
  const body = typeof data === 'string' ? data : JSON.stringify(data);
  const answer = await bus.request({ subject, data: body, timeoutMs: 5_000 }, never);
  return Buffer.from(answer.data).toString();
}

async function until(attempt: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(deadlineMs);
  while (!(await attempt().catch(() => false))) await clock.sleep(100, signal);
}

it('a server with the printed configuration is a bus of the fleet, secret-free', async () => {
  const [port = 0] = await freePorts(1);
  const config = await writeConfig('bus', port);
  await run(['-c', config]);
  await using bus = await connect([port]);
  const made = await ask(bus, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s.*'], storage: 'file' });
  expect(made).not.toContain('"error"');
  expect(await ask(bus, 's.a', 'kept')).toContain('"seq":1');
  const text = externalNatsConfig(identity.natsAccounts, {
    serverName: 'bus',
    host: '127.0.0.1',
    port,
    storeDir: 'store',
    certificateFile: 'cert.pem',
    keyFile: 'key.pem',
  });
  // Seeds start with S and the kind of key.
  expect(text).not.toMatch(/\bS[OAU][A-Z2-7]{56}\b/);
});

it('three servers with the printed configuration and deploy/nats/cluster.conf keep three copies', async () => {
  const [p1 = 0, p2 = 0, p3 = 0, r1 = 0, r2 = 0, r3 = 0] = await freePorts(6);
  const routes = [r1, r2, r3];
  await copyFile(join(rootFolder, 'deploy/nats/cluster.conf'), join(folder, 'cluster.conf'));
  for (const [index, port] of [p1, p2, p3].entries()) {
    const config = await writeConfig(`bus-${index}`, port, 'include cluster.conf\n');
    const others = routes.filter((_, at) => at !== index);
    await run(
      ['-c', config, '--routes', others.map((route) => `nats://flotilla:pass@127.0.0.1:${route}`).join(',')],
      { NATS_ROUTE_LISTEN: `127.0.0.1:${routes[index]}`, NATS_ROUTE_PASSWORD: 'pass' },
    );
  }
  await using bus = await connect([p1, p2, p3]);
  const stream = { name: 'S', subjects: ['s.*'], storage: 'file', num_replicas: 3 };
  await until(async () => !(await ask(bus, '$JS.API.STREAM.CREATE.S', stream)).includes('"error"'));
  await until(async () => (await ask(bus, 's.a', 'kept')).includes('"stream":"S"'));

  // One of three goes; what was acknowledged is still there.
  await children.shift()?.stop();
  await until(async () => {
    const last = await ask(bus, '$JS.API.STREAM.MSG.GET.S', { last_by_subj: 's.a' });
    return last.includes(Buffer.from('kept').toString('base64'));
  });
});
