import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { startNatsServer } from '../../../../test/real/nats-server/index.ts';
import { silentLogger } from '../logger.ts';
import { ask, change, connected, echo, never, optionsFor, owned } from './bus-fixture.ts';
import { connectBus } from './index.ts';

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
  await server.freeze();
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

test('a flush resolves when the server has what was published, and says when it went away meanwhile', async () => {
  const server = owned(await startNatsServer());
  const bus = await connected(server);
  const other = await connected(server);
  const seen: string[] = [];
  other.subscribe('news', ({ data }) => seen.push(new TextDecoder().decode(data)));
  await other.flush(never);
  bus.publish('news', 'one');
  bus.publish('news', 'two');
  await bus.flush(never);
  await expect.poll(() => seen).toEqual(['one', 'two']);
  const reason = new Error('enough');
  await expect(bus.flush(AbortSignal.abort(reason))).rejects.toBe(reason);
  await server.freeze();
  bus.publish('news', 'three');
  const flushing = expect(bus.flush(never)).rejects.toMatchObject({ code: 'BUS_OUTCOME_UNKNOWN' });
  await flushing;
  await change(bus, false);
  await expect(bus.flush(never)).rejects.toMatchObject({ code: 'BUS_AWAY' });
});

test('a listener that throws does not take the connection down', async () => {
  const server = owned(await startNatsServer());
  const errors: string[] = [];
  const log = { ...silentLogger, error: (message: string) => errors.push(message) };
  const bus = await connected(server, { log });
  bus.subscribe('news', () => {
    throw new Error('oops');
  });
  echo(bus);
  bus.publish('news', 'x');
  await ask(bus);
  await ask(bus);
  expect(errors).toEqual(['a listener on the bus failed']);
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
  await expect.poll(() => bus.server, { timeout: 10_000 }).toContain(second.url.replace('nats://', ''));
  await change(bus, true);
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
  admin.subscribe('allowed', ({ reply, data }) => reply && admin.publish(reply, data));
  await admin.connection.flush();
  const bus = await connected(server, {
    inboxPrefix: '_INBOX_b',
    credentials: () => ({ kind: 'password', user: 'b', password: 'b' }),
  });
  await ask(bus, 'allowed');
  await expect(ask(bus, 'other')).rejects.toMatchObject({ code: 'BUS_REFUSED', retry: 'never' });
  await bus.flush(never).catch(() => {});
  bus.publish('other', 'x');
  await expect(bus.flush(never)).rejects.toMatchObject({ code: 'BUS_REFUSED' });
  bus.publish('allowed', 'x');
  await bus.flush(never);
  await ask(bus, 'allowed');
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
