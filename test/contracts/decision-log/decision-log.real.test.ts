import { openDecisionLog } from '@flotilla/hub/io/decision-log';
import type { DecisionLog } from '@flotilla/hub/ports';
import { seededRandom } from '@flotilla/shared/base';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import type { Bus } from '@flotilla/shared/kit/nats';
import { describe, expect, test } from 'vitest';
import {
  connectTestBus,
  type LossyBus,
  lossyBus,
  type NatsServer,
  startNatsServer,
} from '../../real/nats-server/index.ts';
import { decisionLogContract } from './suite.ts';
import { type DecisionLogWorld, largeEvent, readAll, tick } from './world.ts';

const never = new AbortController().signal;

function options(bus: Bus) {
  return { bus, clock: systemClock(), random: seededRandom(1), log: silentLogger, replicas: 1 };
}

async function makeWorld(): Promise<DecisionLogWorld & { readonly server: NatsServer }> {
  const server = await startNatsServer();
  const buses: LossyBus[] = [];
  async function open(): Promise<DecisionLog> {
    const bus = lossyBus(await connectTestBus(server));
    buses.push(bus);
    return await openDecisionLog({ ...options(bus), appendDeadlineMs: 30_000 }, never);
  }
  return {
    server,
    open,
    loseNextAnswer: () => buses.at(-1)?.loseAnswers(1),
    loseNextRequest: () => buses.at(-1)?.loseRequests(1),
    interrupt: async () => {
      await server.kill();
      await server.start();
    },
    writeRaw: async (subject, data) => {
      const bus = await connectTestBus(server);
      await bus.request({ subject, data, timeoutMs: 5_000 }, never);
      await bus[Symbol.asyncDispose]();
    },
    loseStore: async () => {
      await server.kill();
      await server.loseStore();
      await server.start();
      await open();
    },
    [Symbol.asyncDispose]: async () => {
      for (const bus of buses) await bus[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('the decision log on a real nats-server', () => {
  decisionLogContract(makeWorld);

  test('an append rejects when the server stays away, and says that nothing was stored', async () => {
    await using world = await makeWorld();
    const bus = await connectTestBus(world.server);
    await using _ = bus;
    const log = await openDecisionLog({ ...options(bus), appendDeadlineMs: 100 }, never);
    await world.server.kill();
    const attempt = log.append('flotilla.decisions.p.web', tick(0), never);
    await expect(attempt).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retry: 'backoff' });
    await world.server.start();
  });

  test('a log that was put back to an older state and went on differently is told apart', async () => {
    await using world = await makeWorld();
    const { server } = world;
    const log = await world.open();
    const subject = 'flotilla.decisions.p.web';
    await log.append(subject, tick(0), never);
    await server.kill();
    await server.saveStore();
    await server.start();
    await log.append(subject, tick(1), never);
    let servers = [server.url];
    const bus = await connectTestBus(server, { servers: () => servers });
    await using _ = bus;
    const follower = await openDecisionLog({ ...options(bus), appendDeadlineMs: 30_000 }, never);
    const read = Promise.withResolvers<void>();
    const following = (async () => {
      for await (const one of follower.follow(1, never))
        if (!('kind' in one) && one.seq === 2) read.resolve();
    })();
    const outcome = expect(following).rejects.toMatchObject({ code: 'LOG_LOST' });
    await read.promise;
    // Kept away until somebody else has written: the stream is then as long as it was, and another one.
    servers = ['nats://127.0.0.1:1'];
    await server.kill();
    await server.restoreStore();
    await server.start();
    await log.append(subject, tick(1), never);
    servers = [server.url];
    await outcome;
  });

  test('a log that is gone altogether is lost for who has read it: nobody would make it again under a running hub', async () => {
    await using world = await makeWorld();
    const { server } = world;
    const log = await world.open();
    await log.append('flotilla.decisions.p.web', tick(0), never);
    const read = Promise.withResolvers<void>();
    const following = (async () => {
      for await (const one of log.follow(1, never)) if ('kind' in one) read.resolve();
    })();
    const outcome = expect(following).rejects.toMatchObject({
      code: 'LOG_LOST',
      cause: { code: 'STREAM_LOST', message: expect.stringContaining('is gone, but was read up to 1') },
    });
    await read.promise;
    await server.kill();
    await server.loseStream('FLOTILLA_DECISIONS');
    await server.start();
    await outcome;
  });

  test('an event larger than the server takes is refused with the way out', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const reports = { uid: 'x'.repeat(1_100_000) };
    const evidence = { ready: 1, failed: 0, deferred: 0, unknown: 0, healthyForMs: 0, reports };
    const event = { ...tick(0), evidence };
    await expect(log.append('flotilla.decisions.p.web', event, never)).rejects.toThrow(
      /has \d+ bytes, and the bus takes 1047552: raise max_payload/,
    );
  });

  test('a payload that is gone or changed stops whoever reads the log: nobody can say what was decided', async () => {
    await using world = await makeWorld();
    const { server } = world;
    const log = await world.open();
    await log.append('flotilla.decisions.p.web', largeEvent(0, 1), never);
    await server.kill();
    await server.loseStream('FLOTILLA_PAYLOADS');
    await server.start();
    await expect(readAll(await world.open())).rejects.toMatchObject({ code: 'LOG_LOST' });
  });

  test('a stream with other settings is refused with each difference', async () => {
    await using world = await makeWorld();
    const bus = await connectTestBus(world.server);
    await using _ = bus;
    const foreign = {
      name: 'FLOTILLA_DECISIONS',
      subjects: ['flotilla.decisions.>'],
      max_msgs_per_subject: 5,
    };
    const request = {
      subject: '$JS.API.STREAM.CREATE.FLOTILLA_DECISIONS',
      data: JSON.stringify(foreign),
      timeoutMs: 5_000,
    };
    await bus.request(request, never);
    await expect(world.open()).rejects.toThrow(
      /stream FLOTILLA_DECISIONS exists with other settings .*max_msgs_per_subject is 5 instead of -1.*allow_atomic is not set instead of true/,
    );
  });

  test('nobody can delete from the log, not even a hub', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    await log.append('flotilla.decisions.p.web', tick(0), never);
    const bus = await connectTestBus(world.server);
    await using _ = bus;
    for (const [call, body] of [
      ['PURGE', '{}'],
      ['MSG.DELETE', '{"seq":1}'],
    ]) {
      const request = { subject: `$JS.API.STREAM.${call}.FLOTILLA_DECISIONS`, data: body!, timeoutMs: 5_000 };
      const answer = new TextDecoder().decode((await bus.request(request, never)).data);
      expect(answer).toContain('error');
    }
    expect(await log.bounds(never)).toEqual({ firstSeq: 1, lastSeq: 1 });
  });
});
