import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cryptoRandom, type Logger, silentLogger, systemClock } from '@flotilla/shared/kit';
import { connectBus } from '@flotilla/shared/kit/nats';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findTool } from '../../../../test/tools/index.ts';
import { type HubIdentity, openIdentity } from '../signer/index.ts';
import { type NatsServer, type NatsServerOptions, startNatsServer } from './index.ts';

const clock = systemClock();
const never = new AbortController().signal;
const deadlineMs = 20_000;

let program: string;
let identity: HubIdentity;
let identityDir: string;
let folder: string;
const open: NatsServer[] = [];

beforeAll(async () => {
  program = (await findTool('nats-server')).path;
  identityDir = await mkdtemp(join(tmpdir(), 'flotilla-nats-identity-'));
  identity = await openIdentity({ dataDir: identityDir, trustDomain: 'flotilla', serverNames: [], clock });
});
afterAll(() => rm(identityDir, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-nats-'));
});
afterEach(async () => {
  for (const server of open.splice(0)) await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function optionsWith(change: Partial<NatsServerOptions> = {}): NatsServerOptions {
  return {
    program: { path: program, searchPath: '' },
    folder,
    host: '127.0.0.1',
    port: 0,
    accounts: identity.natsAccounts,
    tls: identity.tlsServer(),
    clock,
    random: cryptoRandom(),
    log: silentLogger,
    ...change,
  };
}

async function start(change: Partial<NatsServerOptions> = {}): Promise<NatsServer> {
  const server = await startNatsServer(optionsWith(change), never);
  open.push(server);
  return server;
}

function connect(server: NatsServer, log: Logger = silentLogger) {
  const { jwt, seed } = identity.natsAccounts.hubUser('test');
  const options = {
    name: 'test',
    servers: () => [server.url],
    credentials: () => ({ kind: 'jwt', jwt, seed }) as const,
    caPem: () => identity.tlsServer().caPem,
    backoff: { baseMs: 20, capMs: 200 },
    versionMin: '2.12.0',
    pingMs: 10_000,
    random: cryptoRandom(),
    log,
  };
  return connectBus(options, AbortSignal.timeout(deadlineMs));
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(deadlineMs);
  while (!(await isTrue())) await clock.sleep(20, signal);
}

/** False also for a dead process that nobody has waited for yet. */
function isRunning(pid: number | undefined): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)])
    .stdout.toString()
    .trim();
  return state !== '' && !state.startsWith('Z');
}

describe('the own server', () => {
  it('takes connections of the hub over TLS, with streams on disk', async () => {
    const server = await start();
    await using bus = await connect(server);

    const request = { subject: '$JS.API.STREAM.CREATE.S', timeoutMs: 5_000 };
    const config = { name: 'S', subjects: ['s.*'], storage: 'file' };
    const created = await bus.request({ ...request, data: JSON.stringify(config) }, never);
    const stored = await bus.request({ subject: 's.a', data: 'kept', timeoutMs: 5_000 }, never);

    expect(Buffer.from(created.data).toString()).not.toContain('error');
    expect(JSON.parse(Buffer.from(stored.data).toString())).toMatchObject({ stream: 'S', seq: 1 });
    expect(server.version).toMatch(/^2\./);
    expect(await readFile(join(folder, 'nats.conf'), 'utf8')).toContain('sync_interval: always');
  });

  it('comes back on the same port with the same streams when it is killed', async () => {
    const server = await start();
    await using bus = await connect(server);
    const config = JSON.stringify({ name: 'S', subjects: ['s.*'], storage: 'file' });
    await bus.request({ subject: '$JS.API.STREAM.CREATE.S', data: config, timeoutMs: 5_000 }, never);
    await bus.request({ subject: 's.a', data: 'kept', timeoutMs: 5_000 }, never);
    const before = server.pid!;

    process.kill(before, 'SIGKILL');
    await until(() => !bus.isConnected);
    await until(() => server.isUp && bus.isConnected);

    expect(server.pid).not.toBe(before);
    const last = { subject: '$JS.API.STREAM.MSG.GET.S', data: '{"seq":1}', timeoutMs: 5_000 };
    const kept = JSON.parse(Buffer.from((await bus.request(last, never)).data).toString());
    expect(Buffer.from(kept.message.data, 'base64').toString()).toBe('kept');
  });

  it('ends with its owner, and is found again on the port that agents were told', async () => {
    const first = await startNatsServer(optionsWith(), never);
    const pid = first.pid;
    await first[Symbol.asyncDispose]();
    expect(isRunning(pid)).toBe(false);

    const second = await start();
    expect(second.port).toBe(first.port);
  });

  it('warns of nothing from its start to its end', async () => {
    const warnings: unknown[] = [];
    const note = (message: string, fields?: object) => void warnings.push({ message, ...fields });
    const log: Logger = { ...silentLogger, warn: note, error: note, child: () => log };
    const server = await start({ log });

    await server[Symbol.asyncDispose]();
    open.length = 0;

    expect(warnings).toEqual([]);
  });

  it('takes another port when the last one is taken meanwhile', async () => {
    const first = await startNatsServer(optionsWith(), never);
    await first[Symbol.asyncDispose]();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    const second = await start();
    squatter.close();
    expect(second.port).not.toBe(first.port);
  });

  it('says which process already works on the folder', async () => {
    await start();
    await expect(startNatsServer(optionsWith(), never)).rejects.toMatchObject({ code: 'DATA_FOLDER_LOCKED' });
  });

  it('says that the wished port is taken', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as AddressInfo;
    await expect(startNatsServer(optionsWith({ port }), never)).rejects.toMatchObject({
      code: 'NATS_PORT_TAKEN',
      message: expect.stringContaining(`127.0.0.1:${port} is taken`),
    });
    squatter.close();
  });

  it('shows the last words of a server that does not come up, and leaves the folder free', async () => {
    const tls = { ...identity.tlsServer(), keyPem: 'not a key' };
    await expect(startNatsServer(optionsWith({ tls }), never)).rejects.toMatchObject({
      code: 'NATS_SERVER_FAILED',
      message: expect.stringMatching(/its last line: .*certificate/),
    });
    await start();
  });

  it('is ended when the start is called off', async () => {
    const stop = new AbortController();
    const starting = startNatsServer(optionsWith(), stop.signal);
    stop.abort();
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    await start();
  });
});

describe('a hub that is killed', () => {
  /** Runs a hub in a process of its own and resolves to the ids of both processes. */
  async function hubElsewhere(): Promise<{ readonly hub: number; readonly server: number }> {
    const fixture = join(import.meta.dirname, 'killed-hub-fixture.ts');
    const child = spawn(process.execPath, [fixture, folder, identityDir, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (data: Buffer) => resolve(data.toString()));
      child.once('exit', (code) => reject(new Error(`the hub ended with ${code}`)));
    });
    return { hub: child.pid!, server: Number(line) };
  }

  it('leaves no server behind', async () => {
    const { hub, server } = await hubElsewhere();
    expect(isRunning(server)).toBe(true);
    process.kill(hub, 'SIGKILL');
    await until(() => !isRunning(server));
  });

  it('and whose watcher was killed too: the next start ends what it left', async () => {
    const { hub, server } = await hubElsewhere();
    killWatcherOf(server);
    process.kill(hub, 'SIGKILL');
    await until(() => !isRunning(hub));
    expect(isRunning(server)).toBe(true);

    const next = await start();

    expect(isRunning(server)).toBe(false);
    expect(next.pid).not.toBe(server);
  });

  it('does not make the next start end a process that took over the old number', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    await writeFile(join(folder, 'nats.pid'), String(bystander.pid));
    await start();
    expect(isRunning(bystander.pid)).toBe(true);
    bystander.kill();
  });

  function killWatcherOf(server: number): void {
    const processes = spawnSync('ps', ['-eo', 'pid=,args=']).stdout.toString().split('\n');
    const watcher = Number.parseInt(
      processes.find((line) => line.includes(`flotilla-watch ${server} `))!,
      10,
    );
    process.kill(watcher, 'SIGKILL');
  }
});
