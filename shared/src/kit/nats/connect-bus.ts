import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { describeError, fromUnknown, fullJitterMs } from '../../base/index.ts';
import type { Logger } from '../logger.ts';
import { systemClock } from '../system-clock.ts';
import type { Bus, BusMessage, BusOptions, BusRequest } from './bus.ts';
import { BusError, busErrorOf, isPublishRefusal } from './bus-error.ts';
import { libraryOptions } from './library-options.ts';
import { type Life, setUp, untilCut } from './life.ts';
import { headersOf, messageOf } from './message.ts';
import { describeServer, versionProblem } from './server-version.ts';

/** A server that takes longer for a PING is busy beyond use. */
const flushMs = 10_000;

/**
 * Connects to the bus, trying for ever with full jitter; afterwards the connection comes back by itself, however often
 * it breaks. Rejects when the signal is aborted, and with BusError BUS_VERSION when the server is too old.
 */
export async function connectBus(options: BusOptions, signal: AbortSignal): Promise<Bus> {
  const clock = systemClock();
  const attempts = { count: 0 };
  for (;;) {
    signal.throwIfAborted();
    try {
      const connection = await abandonOnAbort(connect(libraryOptions(options, attempts)), signal);
      attempts.count = 0;
      return await open(connection, options, attempts);
    } catch (caught) {
      signal.throwIfAborted();
      if (caught instanceof BusError) throw caught;
      const delayMs = fullJitterMs(attempts.count, options.backoff, options.random);
      attempts.count += 1;
      options.log.warn('bus cannot be reached, trying again', {
        url: options.servers().join(','),
        attempt: attempts.count,
        delay_ms: delayMs,
        error: caught,
      });
      await clock.sleep(delayMs, signal);
    }
  }
}

/** A dial cannot be called back; one that succeeds after the abort is closed. */
async function abandonOnAbort(dial: Promise<NatsConnection>, signal: AbortSignal): Promise<NatsConnection> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    aborted.reject(signal.reason);
    dial.then((late) => late.close()).catch(() => {});
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([dial, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function open(
  connection: NatsConnection,
  options: BusOptions,
  attempts: { count: number },
): Promise<Bus> {
  const problem = versionProblem(connection, options.versionMin);
  if (problem !== undefined) {
    await connection.close();
    throw new BusError('BUS_VERSION', problem);
  }
  const life: Life = { isUp: true, waiting: new Set(), listeners: new Set(), refused: undefined };
  options.log.info('bus connected', { server: describeServer(connection) });
  const watching = watchStatus(connection, { life, options, attempts });
  const closed = connection.closed().then(async () => {
    setUp(life, false, 'the connection was closed');
    await watching;
  });
  return {
    connection,
    closed,
    get isConnected() {
      return life.isUp;
    },
    get isClosed() {
      return connection.isClosed();
    },
    get server() {
      return describeServer(connection);
    },
    get payloadBytesMax() {
      return connection.info?.max_payload ?? 1_048_576;
    },
    publish: (subject, data, fields) =>
      publish(connection, life, { subject, data, ...(fields && { headers: fields }) }),
    flush: (signal) => flush(connection, life, signal),
    request: (request, signal) => sendRequest(connection, life, request, signal),
    subscribe: (subject, onMessage) => subscribe(connection, { subject, onMessage, log: options.log }),
    onConnection(listener) {
      life.listeners.add(listener);
      return () => life.listeners.delete(listener);
    },
    reconnect: () => connection.reconnect(),
    async [Symbol.asyncDispose]() {
      await connection.close();
      await closed;
    },
  };
}

interface Watching {
  readonly life: Life;
  readonly options: BusOptions;
  readonly attempts: { count: number };
}

async function watchStatus(connection: NatsConnection, { life, options, attempts }: Watching): Promise<void> {
  const { log } = options;
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') {
      setUp(life, false, 'the connection was lost');
      log.warn('bus connection lost, trying again', { server: status.server });
    }
    if (status.type === 'reconnecting') {
      attempts.count += 1;
      updateServers(connection, options.servers());
    }
    if (status.type === 'reconnect') {
      attempts.count = 0;
      const problem = versionProblem(connection, options.versionMin);
      if (problem !== undefined) log.error('bus server cannot be used', { reason: problem });
      else {
        log.info('bus connected again', { server: describeServer(connection) });
        setUp(life, true, '');
      }
    }
    if (status.type === 'error') {
      if (isPublishRefusal(status.error)) life.refused = status.error;
      log.warn('bus server complains', { reason: describeError(status.error) });
    }
  }
}

/** Takes over a changed list of servers: the library looks at it before the next dial. */
function updateServers(connection: NatsConnection, wanted: readonly string[]): void {
  const known = new Set(connection.getServers().map((server) => server.src));
  if (wanted.length === 0) return;
  if (known.size === wanted.length && wanted.every((url) => known.has(url))) return;
  connection.setServers([...wanted]);
}

function publish(
  connection: NatsConnection,
  life: Life,
  { subject, data, headers: fields }: Omit<BusRequest, 'timeoutMs'>,
): void {
  if (!life.isUp) throw new BusError('BUS_AWAY', `publish to ${subject}: the bus is away`);
  try {
    connection.publish(subject, data, fields === undefined ? {} : { headers: headersOf(fields) });
  } catch (caught) {
    throw busErrorOf(caught, `publish to ${subject}`);
  }
}

/**
 * Waits for the server's PONG. What it refused of the messages before is answered before that, so it is known then; a
 * connection that breaks meanwhile leaves unknown what was taken.
 */
async function flush(connection: NatsConnection, life: Life, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!life.isUp) throw new BusError('BUS_AWAY', 'flush: the bus is away');
  const late = AbortSignal.timeout(flushMs);
  try {
    await untilCut(life, { answer: connection.flush(), what: 'flush' }, AbortSignal.any([signal, late]));
  } catch (caught) {
    signal.throwIfAborted();
    throw late.aborted ? new BusError('BUS_OUTCOME_UNKNOWN', 'flush: the server does not answer') : caught;
  }
  // The refusal came first, but travels through the library's queue of events.
  await new Promise((resolve) => setImmediate(resolve));
  const { refused } = life;
  life.refused = undefined;
  if (refused !== undefined) throw new BusError('BUS_REFUSED', 'publish without the right to', refused);
}

async function sendRequest(
  connection: NatsConnection,
  life: Life,
  request: BusRequest,
  signal: AbortSignal,
): Promise<BusMessage> {
  signal.throwIfAborted();
  const { subject, timeoutMs } = request;
  if (!life.isUp) throw new BusError('BUS_AWAY', `request to ${subject}: the bus is away`);
  const fields = request.headers === undefined ? {} : { headers: headersOf(request.headers) };
  const what = `request to ${subject}`;
  try {
    const answer = connection.request(subject, request.data, { timeout: timeoutMs, ...fields });
    return messageOf(await untilCut(life, { answer, what }, signal));
  } catch (caught) {
    signal.throwIfAborted();
    throw busErrorOf(caught, what);
  }
}

interface Subscribing {
  readonly subject: string;
  readonly onMessage: (message: BusMessage) => void;
  readonly log: Logger;
}

function subscribe(connection: NatsConnection, { subject, onMessage, log }: Subscribing): () => void {
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      if (error) log.error('bus refuses a subscription', { subject, error: fromUnknown(error) });
      else deliver(message, { subject, onMessage, log });
    },
  });
  return () => subscription.unsubscribe();
}

/** The library's reader ends for good when a callback throws. */
function deliver(message: Msg, { subject, onMessage, log }: Subscribing): void {
  try {
    onMessage(messageOf(message));
  } catch (error) {
    log.error('a listener on the bus failed', { subject, error });
  }
}
