import { eventsStream, openStatusStream } from '@flotilla/hub/io/status-stream';
import { seededRandom } from '@flotilla/shared/base';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import { ensureStream } from '@flotilla/shared/kit/jetstream';
import type { Bus } from '@flotilla/shared/kit/nats';
import { statusSubject } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { connectTestBus, type NatsServer, startNatsServer } from '../../real/nats-server/index.ts';
import { followUntil, named, type StatusStreamWorld, settled, statusStreamContract, uid } from './suite.ts';

const never = new AbortController().signal;

async function makeWorld(): Promise<
  StatusStreamWorld & { readonly server: NatsServer; connect(): Promise<Bus> }
> {
  const server = await startNatsServer();
  const buses: Bus[] = [];
  async function connect(): Promise<Bus> {
    const bus = await connectTestBus(server);
    buses.push(bus);
    return bus;
  }
  return {
    server,
    connect,
    open: async () => {
      const bus = await connect();
      const ports = { bus, clock: systemClock(), random: seededRandom(1), log: silentLogger };
      return await openStatusStream({ ...ports, replicas: 1 }, never);
    },
    interrupt: async () => {
      await server.kill();
      await server.start();
    },
    [Symbol.asyncDispose]: async () => {
      for (const bus of buses) await bus[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** As agents publish: no answer comes, so wait until the server has taken it. */
async function tell(bus: Bus, subject: string, headers: { readonly [name: string]: string }): Promise<void> {
  bus.publish(subject, 'x', headers);
  await bus.flush(never);
}

describe('the stream of reports on a real nats-server', () => {
  statusStreamContract(makeWorld);

  test('no header of an agent empties the stream or another cluster', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    const agent = await world.connect();
    await stream.publish(uid(1), new Uint8Array([65]), never);
    await settled(stream, [named(1, 'A')]);
    for (const value of ['all', 'sub']) await tell(agent, statusSubject(uid(2)), { 'Nats-Rollup': value });
    // Stored after the two: when it is there, they were looked at.
    await stream.publish(uid(3), new Uint8Array([66]), never);
    await settled(stream, [named(1, 'A'), named(3, 'B')]);
  });

  test('a report larger than a status document is refused', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    const tooLarge = stream.publish(uid(1), new Uint8Array(600_000), never);
    await expect(tooLarge).rejects.toMatchObject({ code: 'REPORT_TOO_LARGE', retry: 'never' });
  });

  test('a report on a subject that is no cluster is passed over', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    await tell(await world.connect(), 'flotilla.status.BAD', {});
    await stream.publish(uid(1), new Uint8Array([65]), never);
    await settled(stream, [named(1, 'A')]);
  });

  test('a stream that was lost with its disk is made again and followed on', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    await stream.publish(uid(1), new Uint8Array([65]), never);
    const caughtUp = Promise.withResolvers<void>();
    const following = followUntil(stream, (trail) => {
      if (trail.includes('caught-up')) caughtUp.resolve();
      return trail.length === 3;
    });
    await caughtUp.promise;
    await world.server.kill();
    await world.server.loseStore();
    await world.server.start();
    const again = await world.open();
    await again.publish(uid(2), new Uint8Array([66]), never);
    expect((await following).map((line) => line.slice(-2))).toEqual([' A', 'up', ' B']);
  });

  test('a stream that somebody deleted is made again by who follows it, and followed on', async () => {
    await using world = await makeWorld();
    const stream = await world.open();
    await stream.publish(uid(1), new Uint8Array([65]), never);
    const caughtUp = Promise.withResolvers<void>();
    const following = followUntil(stream, (trail) => {
      if (trail.includes('caught-up')) caughtUp.resolve();
      return trail.length === 3;
    });
    await caughtUp.promise;
    const bus = await world.connect();
    const ask = async (what: string) => {
      const { data } = await bus.request(
        { subject: `$JS.API.STREAM.${what}.FLOTILLA_STATUS`, data: '', timeoutMs: 5_000 },
        never,
      );
      return JSON.parse(new TextDecoder().decode(data));
    };
    expect(await ask('DELETE')).toMatchObject({ success: true });
    await expect
      .poll(() => ask('INFO'), { timeout: 60_000, interval: 200 })
      .toMatchObject({ config: { max_msgs_per_subject: 1, no_ack: true } });
    await stream.publish(uid(2), new Uint8Array([66]), never);
    expect((await following).map((line) => line.slice(-2))).toEqual([' A', 'up', ' B']);
  });

  test('the stream of events is made and keeps a bounded history', async () => {
    await using world = await makeWorld();
    const bus = await world.connect();
    await ensureStream(bus, eventsStream(1), never);
    await ensureStream(bus, eventsStream(1), never);
    for (let index = 0; index < 3; index += 1) await tell(bus, `flotilla.events.${uid(1)}`, {});
    const look = async () => {
      const info = { subject: '$JS.API.STREAM.INFO.FLOTILLA_EVENTS', data: '', timeoutMs: 5_000 };
      return JSON.parse(new TextDecoder().decode((await bus.request(info, never)).data));
    };
    await expect.poll(look).toMatchObject({
      config: { max_msgs_per_subject: 1_000, max_bytes: 67_108_864, max_age: 604_800_000_000_000 },
      state: { messages: 3 },
    });
  });
});
