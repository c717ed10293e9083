import { afterEach } from 'vitest';
import type { NatsServer } from '../../../../test/real/nats-server/index.ts';
import { seededRandom } from '../../base/index.ts';
import { silentLogger } from '../logger.ts';
import { type Bus, type BusMessage, type BusOptions, connectBus } from './index.ts';

/** A signal that is never aborted. */
export const never = new AbortController().signal;
let closing: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of closing.reverse()) await one[Symbol.asyncDispose]();
  closing = [];
});

/** Closes it after the test. */
export function owned<Thing extends AsyncDisposable>(thing: Thing): Thing {
  closing.push(thing);
  return thing;
}

/** Options with short pauses. */
export function optionsFor(server: Pick<NatsServer, 'url'>, more: Partial<BusOptions> = {}): BusOptions {
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

/** A connection that is closed after the test. */
export async function connected(server: NatsServer, more: Partial<BusOptions> = {}): Promise<Bus> {
  return owned(await connectBus(optionsFor(server, more), never));
}

/** Resolves once the connection is up, or down. */
export function change(bus: Bus, wanted: boolean): Promise<void> {
  if (bus.isConnected === wanted) return Promise.resolve();
  return new Promise((resolve) => {
    const off = bus.onConnection((isConnected) => {
      if (isConnected !== wanted) return;
      off();
      resolve();
    });
  });
}

/** Answers on `echo` with what came. */
export function echo(bus: Bus): void {
  bus.subscribe('echo', ({ reply, data }) => bus.publish(reply ?? '', data));
}

/** Asks and waits. */
export function ask(bus: Bus, subject = 'echo', timeoutMs = 5_000): Promise<BusMessage> {
  return bus.request({ subject, data: 'hello', timeoutMs }, never);
}
