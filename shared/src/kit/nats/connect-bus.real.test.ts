import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  type NatsServer,
  startNatsServer,
  writeTestCertificates,
} from '../../../../test/real/nats-server/index.ts';
import { seededRandom } from '../../base/index.ts';
import { silentLogger } from '../logger.ts';
import { type Bus, type BusOptions, connectBus } from './index.ts';

const never = new AbortController().signal;
let closing: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of closing.reverse()) await one[Symbol.asyncDispose]();
  closing = [];
});

function owned<Thing extends AsyncDisposable>(thing: Thing): Thing {
  closing.push(thing);
  return thing;
}

function optionsFor(server: Pick<NatsServer, 'url'>, more: Partial<BusOptions> = {}): BusOptions {
  return {
    name: 'test',
    servers: () => [server.url],
    credentials: () => undefined,
    backoff: { baseMs: 10, capMs: 100 },
    versionMin: '2.12.0',
    pingMs: 200,
    random: seededRandom(1),
    log: silentLogger,
    ...more,
  };
}

async function connected(server: NatsServer, more: Partial<BusOptions> = {}): Promise<Bus> {
  return owned(await connectBus(optionsFor(server, more), never));
}

function change(bus: Bus, wanted: boolean): Promise<void> {
  if (bus.isConnected === wanted) return Promise.resolve();
  return new Promise((resolve) => {
    const off = bus.onConnection((isConnected) => {
      if (isConnected !== wanted) return;
      off();
      resolve();
    });
  });
}

function echo(bus: Bus): void {
  bus.subscribe('echo', ({ reply, data }) => bus.publish(reply ?? '', data));
}

function ask(bus: Bus, subject = 'echo', timeoutMs = 5_000) {
  return bus.request({ subject, data: 'hello', timeoutMs }, never);
}

test('a request is answered, with headers, before and after the server was killed and restarted', async () => {
  const server = owned(await startNatsServer());
  const bus = await connected(server);
  echo(bus);
  expect(new TextDecoder().decode((await ask(bus)).data)).toBe('hello');
  for (let round = 0; round < 3; round += 1) {
    await server.kill();
    await change(bus, false);
    await server.start();
    await change(bus, true);
    expect(new TextDecoder().decode((await ask(bus)).data)).toBe('hello');
  }
});

test('while the server is away requests fail at once and say that nothing was sent', async () => {
  const server = owned(await startNatsServer());
  const bus = await connected(server);
  await server.kill();
  await change(bus, false);
  await expect(ask(bus)).rejects.toMatchObject({ code: 'BUS_AWAY', retry: 'backoff' });
  expect(() => bus.publish('x', '')).toThrow(expect.objectContaining({ code: 'BUS_AWAY' }));
});

test('a request that was on its way when the connection broke has an unknown outcome, told at once', async () => {
  const server = owned(await startNatsServer());
  const bus = await connected(server);
  const silent = await connected(server);
  const arrived = new Promise<void>((resolve) => silent.subscribe('silent', () => resolve()));
  await silent.connection.flush();
  const answer = expect(ask(bus, 'silent', 60_000)).rejects.toMatchObject({ code: 'BUS_OUTCOME_UNKNOWN' });
  await arrived;
  await server.kill();
  await answer;
});

test('a server that does not answer pings counts as away, and comes back', async () => {
  const server = owned(await startNatsServer());
  const bus = await connected(server);
  echo(bus);
  server.freeze();
  await change(bus, false);
  server.thaw();
  await change(bus, true);
  await ask(bus);
});

test('nobody serving a subject is told apart from a lost answer', async () => {
  const server = owned(await startNatsServer());
  const bus = await connected(server);
  await expect(ask(bus, 'nobody')).rejects.toMatchObject({ code: 'BUS_NO_RESPONDER' });
  bus.subscribe('silent', () => {});
  await expect(ask(bus, 'silent', 30)).rejects.toMatchObject({ code: 'BUS_OUTCOME_UNKNOWN' });
});

test('an aborted request rejects with the reason', async () => {
  const server = owned(await startNatsServer());
  const bus = await connected(server);
  bus.subscribe('silent', () => {});
  const controller = new AbortController();
  const reason = new Error('enough');
  const asked = bus.request({ subject: 'silent', data: '', timeoutMs: 60_000 }, controller.signal);
  controller.abort(reason);
  await expect(asked).rejects.toBe(reason);
});

test('a payload larger than the server takes is refused before it is sent', async () => {
  const server = owned(await startNatsServer({ config: 'max_payload: 1024' }));
  const bus = await connected(server);
  expect(bus.payloadBytesMax).toBe(1_024);
  const tooLarge = bus.request({ subject: 'x', data: new Uint8Array(2_000), timeoutMs: 100 }, never);
  await expect(tooLarge).rejects.toMatchObject({ code: 'BUS_TOO_LARGE', retry: 'never' });
});

const oldAndNew = `authorization { users: [ { user: a, password: new }, { user: b, password: b, permissions: { publish: "allowed", subscribe: "_INBOX_b.>" } } ] }`;

test('rotated credentials are used at the next dial, however often the old ones were refused', async () => {
  const server = owned(await startNatsServer({ config: oldAndNew.replace('new', 'old') }));
  let password = 'old';
  const bus = await connected(server, { credentials: () => ({ kind: 'password', user: 'a', password }) });
  const refusals: unknown[] = [];
  void (async () => {
    for await (const status of bus.connection.status())
      if (status.type === 'error') refusals.push(status.error);
  })();
  await server.kill();
  await server.start(oldAndNew);
  await expect.poll(() => refusals.length, { timeout: 10_000 }).toBeGreaterThan(4);
  expect(bus.isConnected).toBe(false);
  password = 'new';
  await change(bus, true);
});

test('a changed list of servers is used at the next dials', async () => {
  const first = owned(await startNatsServer());
  const second = owned(await startNatsServer());
  let servers = [first.url];
  const bus = await connected(first, { servers: () => servers });
  servers = [second.url];
  await first.kill();
  await change(bus, false);
  await change(bus, true);
  expect(bus.server).toContain(second.url.replace('nats://', ''));
});

test('credentials that cannot be read do not end the connection for good', async () => {
  const server = owned(await startNatsServer({ config: oldAndNew }));
  let isBroken = false;
  const bus = await connected(server, {
    credentials: () => {
      if (isBroken) throw new Error('file is gone');
      return { kind: 'password', user: 'a', password: 'new' };
    },
  });
  isBroken = true;
  await bus.reconnect();
  await change(bus, false);
  isBroken = false;
  await change(bus, true);
});

test('what our user may not do is refused, and its own inbox prefix works', async () => {
  const server = owned(await startNatsServer({ config: oldAndNew }));
  const admin = await connected(server, {
    credentials: () => ({ kind: 'password', user: 'a', password: 'new' }),
  });
  admin.subscribe('allowed', ({ reply, data }) => admin.publish(reply ?? '', data));
  await admin.connection.flush();
  const bus = await connected(server, {
    inboxPrefix: '_INBOX_b',
    credentials: () => ({ kind: 'password', user: 'b', password: 'b' }),
  });
  await ask(bus, 'allowed');
  await expect(ask(bus, 'other')).rejects.toMatchObject({ code: 'BUS_REFUSED', retry: 'never' });
  await ask(bus, 'allowed');
});

test('with a given root TLS is demanded and only that root is trusted; a new root is used at the next dial', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-tls-'));
  owned({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const certificates = await writeTestCertificates(folder, ['IP:127.0.0.1']);
  const tls = `tls { cert_file: "${certificates.certificateFile}", key_file: "${certificates.keyFile}" }`;
  const server = owned(await startNatsServer({ config: tls }));
  let caPem = certificates.caPem;
  const bus = await connected(server, { caPem: () => caPem });
  echo(bus);
  await ask(bus);
  const other = await writeTestCertificates(await mkdtemp(join(folder, 'other-')), ['IP:127.0.0.1']);
  caPem = other.caPem;
  await bus.reconnect();
  await change(bus, false);
  caPem = certificates.caPem;
  await change(bus, true);
});

test('a server is known by its name, also among several', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-tls-'));
  owned({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const { certificateFile, keyFile, caPem } = await writeTestCertificates(folder, ['DNS:localhost']);
  const server = owned(
    await startNatsServer({ config: `tls { cert_file: "${certificateFile}", key_file: "${keyFile}" }` }),
  );
  const servers = ['nats://127.0.0.1:1', server.url.replace('nats://127.0.0.1', 'tls://localhost')];
  owned(await connectBus(optionsFor(server, { caPem: () => caPem, servers: () => servers }), never));
});

test.each([
  ['IP:10.9.8.7', '127.0.0.1'],
  // What Node checks when the library does not tell it the address.
  ['DNS:localhost', '127.0.0.1'],
  ['DNS:elsewhere', 'localhost'],
])('a certificate for %s is refused when we dial %s', async (name, host) => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-tls-'));
  owned({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const { certificateFile, keyFile, caPem } = await writeTestCertificates(folder, [name]);
  const server = owned(
    await startNatsServer({ config: `tls { cert_file: "${certificateFile}", key_file: "${keyFile}" }` }),
  );
  const controller = new AbortController();
  let refusal: unknown;
  const log = {
    ...silentLogger,
    warn: (_message: string, fields?: { readonly error?: unknown }) => {
      refusal = fields?.error;
      controller.abort(new Error('enough'));
    },
  };
  const url = server.url.replace('127.0.0.1', host);
  await expect(
    connectBus(optionsFor({ url }, { caPem: () => caPem, log }), controller.signal),
  ).rejects.toThrow('enough');
  expect(refusal).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('a server without TLS is not spoken to when a root is given, and trying ends with the signal', async () => {
  const server = owned(await startNatsServer());
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-tls-'));
  owned({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const { caPem } = await writeTestCertificates(folder, ['IP:127.0.0.1']);
  const controller = new AbortController();
  const warnings: unknown[] = [];
  const log = {
    ...silentLogger,
    warn: (_message: string, fields?: { readonly error?: unknown }) => {
      warnings.push(fields?.error);
      if (warnings.length === 3) controller.abort(new Error('enough'));
    },
  };
  const dial = connectBus(optionsFor(server, { caPem: () => caPem, log }), controller.signal);
  await expect(dial).rejects.toThrow('enough');
  expect(String(warnings[0])).toContain('tls');
});

test('a server that is too old is refused with both versions', async () => {
  const old = createServer((socket) => {
    socket.write(
      'INFO {"server_id":"x","server_name":"old","version":"2.11.9","go":"","host":"","port":1,"headers":true,"max_payload":1048576,"proto":1,"client_id":1}\r\n',
    );
    socket.on('data', (data) => String(data).includes('PING') && socket.write('PONG\r\n'));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
  const address = old.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const dial = connectBus(optionsFor({ url: `nats://127.0.0.1:${port}` }), never);
  await expect(dial).rejects.toMatchObject({
    code: 'BUS_VERSION',
    message: `nats-server at 127.0.0.1:${port} is 2.11.9, and 2.12.0 or newer is needed`,
  });
  await new Promise((resolve) => old.close(resolve));
});

test('a first dial waits for a server that is not there yet', async () => {
  const server = owned(await startNatsServer());
  await server.kill();
  let attempts = 0;
  const failing = Promise.withResolvers<void>();
  const log = { ...silentLogger, warn: () => ++attempts === 3 && failing.resolve() };
  const dial = connectBus(optionsFor(server, { log }), never);
  await failing.promise;
  await server.start();
  const bus = owned(await dial);
  expect(bus.isConnected).toBe(true);
  expect(bus.server).toMatch(/^test 2\.\d+\.\d+ at 127/);
});
