import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { describeError, fromUnknown, fullJitterMs } from '../../base/index.ts';
import type { Logger } from '../logger.ts';
import { systemClock } from '../system-clock.ts';
import type { Bus, BusMessage, BusOptions, BusRequest } from './bus.ts';
import { BusError, busErrorOf } from './bus-error.ts';
import { libraryOptions } from './library-options.ts';
import { describeServer, versionProblem } from './server-version.ts';

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
/** Waits for the server's PONG; a connection that breaks meanwhile rejects, for then nobody knows what was taken. */
async function flush(connection: NatsConnection, life: Life, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!life.isUp) throw new BusError('BUS_AWAY', 'flush: the bus is away');
  const cut = Promise.withResolvers<never>();
  const onAbort = (): void => cut.reject(signal.reason);
  const onDown = (isUp: boolean): void => {
    if (!isUp) cut.reject(new BusError('BUS_AWAY', 'flush: the bus went away'));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  life.listeners.add(onDown);
  try {
    await Promise.race([connection.flush(), cut.promise]);
  } catch (caught) {
    throw signal.aborted ? signal.reason : busErrorOf(caught, 'flush');
  } finally {
    signal.removeEventListener('abort', onAbort);
    life.listeners.delete(onDown);
  }
}

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

/** State of an open connection. */
interface Life {
  isUp: boolean;
  /** Rejects what waits for an answer when the connection goes down. */
  readonly waiting: Set<(error: BusError) => void>;
  readonly listeners: Set<(isConnected: boolean) => void>;
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
  const life: Life = { isUp: true, waiting: new Set(), listeners: new Set() };
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
    if (status.type === 'error') log.warn('bus server complains', { reason: describeError(status.error) });
  }
}

/** Takes over a changed list of servers: the library looks at it before the next dial. */
function updateServers(connection: NatsConnection, wanted: readonly string[]): void {
  const known = new Set(connection.getServers().map((server) => server.src));
  if (wanted.length === 0) return;
  if (known.size === wanted.length && wanted.every((url) => known.has(url))) return;
  connection.setServers([...wanted]);
}

function setUp(life: Life, isUp: boolean, why: string): void {
  if (life.isUp === isUp) return;
  life.isUp = isUp;
  if (!isUp) for (const reject of life.waiting) reject(new BusError('BUS_OUTCOME_UNKNOWN', why));
  for (const listener of [...life.listeners]) listener(isUp);
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

async function sendRequest(
  connection: NatsConnection,
  life: Life,
  request: BusRequest,
  signal: AbortSignal,
): Promise<BusMessage> {
  signal.throwIfAborted();
  const { subject, timeoutMs } = request;
  if (!life.isUp) throw new BusError('BUS_AWAY', `request to ${subject}: the bus is away`);
  const cut = Promise.withResolvers<never>();
  const onAbort = (): void => cut.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  life.waiting.add(cut.reject);
  try {
    const fields = request.headers === undefined ? {} : { headers: headersOf(request.headers) };
    const answer = connection.request(subject, request.data, { timeout: timeoutMs, ...fields });
    // It may lose the race and fail later, when nobody listens any more.
    answer.catch(() => {});
    return messageOf(await Promise.race([answer, cut.promise]));
  } catch (caught) {
    signal.throwIfAborted();
    throw busErrorOf(caught, `request to ${subject}`);
  } finally {
    life.waiting.delete(cut.reject);
    signal.removeEventListener('abort', onAbort);
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
      else onMessage(messageOf(message));
    },
  });
  return () => subscription.unsubscribe();
}

function headersOf(fields: { readonly [name: string]: string }): ReturnType<typeof headers> {
  const made = headers();
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  return made;
}

function messageOf(message: Msg): BusMessage {
  return {
    subject: message.subject,
    reply: message.reply,
    data: message.data,
    header: (name) => (message.headers?.has(name) ? message.headers.get(name) : undefined),
  };
}
