import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  jetstream,
} from '@nats-io/jetstream';
import type { BackoffBounds, Clock, Random } from '../../base/index.ts';
import { errorCode, fullJitterMs } from '../../base/index.ts';
import type { Logger } from '../logger.ts';
import type { Bus } from '../nats/index.ts';
import { checkContinuity, type Place, StreamLostError } from './continuity.ts';
import { jetStreamErrorOf, manage, untilLost } from './jetstream-error.ts';
import type { StoredMessage } from './read-message.ts';

/** Where following begins. */
export type FollowStart =
  /** Every message from that sequence on. */
  | { readonly kind: 'all'; readonly fromSeq: number }
  /** The newest message of each subject, then everything. */
  | { readonly kind: 'last-values' };

/** How a stream is followed. */
export interface FollowOptions {
  readonly bus: Bus;
  readonly stream: string;
  readonly start: FollowStart;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** When the stream was lost, shortened or made anew: `fail` throws StreamLostError, `restart` begins with the last values again. */
  readonly onLost: 'fail' | 'restart';
  /** With `restart`: makes a stream that stays gone again. Absent = whoever makes it is waited for. */
  readonly remake?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** What following yields. */
export type Followed = StoredMessage | { readonly kind: 'caught-up' };

const callMs = 5_000;
/** Messages that are asked for at a time: bounds what a slow reader buffers. */
const batchMax = 256;
const pause: BackoffBounds = { baseMs: 50, capMs: 2_000 };
/** A consumer whose reader has gone is forgotten by the server after this time. */
const consumerIdleMs = 60_000;
const heartbeatMs = 5_000;

/**
 * Follows a stream in order and without gaps, across lost connections and killed servers, until the signal is aborted
 * (which throws its reason). Yields `caught-up` once, when everything was yielded that the stream held at the call.
 *
 * The server keeps no position for us: whenever the connection, the consumer or the order breaks, a new consumer starts
 * behind the last message that was yielded. Then it is also checked that the stream still holds that message unchanged.
 */
export async function* followStream(
  options: FollowOptions,
  signal: AbortSignal,
): AsyncGenerator<Followed, never> {
  const place: Place = {
    lastSeq: options.start.kind === 'all' ? options.start.fromSeq - 1 : undefined,
    last: undefined,
    created: undefined,
    endSeq: undefined,
    isCaughtUp: false,
    timesGone: 0,
  };
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      await untilConnected(options.bus, signal);
      for await (const one of attach(options, place, signal)) {
        failures = 0;
        yield one;
      }
    } catch (caught) {
      signal.throwIfAborted();
      const error = jetStreamErrorOf(caught, `follow stream ${options.stream}`);
      if (error instanceof StreamLostError || errorCode(error) === 'BUS_CLOSED') throw error;
      options.log.debug('stream is followed anew', { stream: options.stream, attempt: failures, error });
      await options.clock.sleep(fullJitterMs(failures, pause, options.random), signal);
    }
  }
}

/** Follows with one consumer until it breaks. */
async function* attach(options: FollowOptions, place: Place, signal: AbortSignal): AsyncGenerator<Followed> {
  await checkContinuity(options, place, signal);
  const breaks = new AbortController();
  // Messages that were on their way when the connection broke are gone for this consumer.
  const off = options.bus.onConnection(() => breaks.abort());
  const stop = AbortSignal.any([signal, breaks.signal]);
  const consumer = await createConsumer(options, place);
  const order = { deliverySeq: 0 };
  try {
    yield* backlog(consumer, { bus: options.bus, place, order, stop });
    yield* live(consumer, { bus: options.bus, place, order, stop });
  } finally {
    off();
    consumer.delete().catch(() => {});
  }
}

/** What is asked while the connection is down would only time out. */
async function untilConnected(bus: Bus, signal: AbortSignal): Promise<void> {
  while (!bus.isConnected && !bus.isClosed) {
    signal.throwIfAborted();
    const change = Promise.withResolvers<void>();
    const wake = (): void => change.resolve();
    const off = bus.onConnection(wake);
    signal.addEventListener('abort', wake, { once: true });
    await Promise.race([change.promise, bus.closed]);
    signal.removeEventListener('abort', wake);
    off();
  }
}

async function createConsumer({ bus, stream }: FollowOptions, place: Place): Promise<Consumer> {
  const start =
    place.lastSeq === undefined
      ? { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: '>' }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: place.lastSeq + 1 };
  const config = {
    ...start,
    ack_policy: AckPolicy.None,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: consumerIdleMs * 1_000_000,
  };
  const { name } = await manage(bus, (manager) => manager.consumers.add(stream, config));
  const client = jetstream(bus.connection, { timeout: callMs });
  return await untilLost(bus, () => client.consumers.get(stream, name));
}

interface Reading {
  readonly bus: Bus;
  readonly place: Place;
  readonly order: { deliverySeq: number };
  readonly stop: AbortSignal;
}

/** What the stream holds already, then `caught-up` unless it was said before. */
async function* backlog(consumer: Consumer, reading: Reading): AsyncGenerator<Followed> {
  const { bus, place } = reading;
  for (;;) {
    if (place.isCaughtUp) return;
    const { num_pending: pending } = await untilLost(bus, () => consumer.info());
    if (pending === 0 || (place.lastSeq ?? 0) >= (place.endSeq ?? 0)) break;
    const messages = await consumer.fetch({ max_messages: Math.min(pending, batchMax), expires: callMs });
    yield* readInOrder(messages, reading);
  }
  place.isCaughtUp = true;
  yield { kind: 'caught-up' };
}

/** What comes. */
async function* live(consumer: Consumer, reading: Reading): AsyncGenerator<Followed> {
  const messages = await consumer.consume({
    max_messages: batchMax,
    idle_heartbeat: heartbeatMs,
    abort_on_missing_resource: true,
  });
  stopOnMissedHeartbeats(messages);
  yield* readInOrder(messages, reading);
}

/** A server that is frozen, or a consumer that lost its leader, says nothing: start anew. */
function stopOnMissedHeartbeats(messages: ConsumerMessages): void {
  void (async () => {
    for await (const status of messages.status()) {
      if (status.type === 'heartbeats_missed') messages.stop(new Error('the server sends no heartbeats'));
    }
  })();
}

async function* readInOrder(
  messages: ConsumerMessages,
  { place, order, stop }: Reading,
): AsyncGenerator<Followed> {
  const onStop = (): void => messages.stop();
  stop.addEventListener('abort', onStop, { once: true });
  try {
    stop.throwIfAborted();
    for await (const message of messages) {
      stop.throwIfAborted();
      if (message.info.deliverySequence !== order.deliverySeq + 1)
        throw new Error('a message was lost on the way');
      order.deliverySeq += 1;
      const stored = storedOf(message);
      place.lastSeq = stored.seq;
      place.last = stored;
      yield stored;
    }
    stop.throwIfAborted();
  } finally {
    stop.removeEventListener('abort', onStop);
    messages.stop();
  }
}

function storedOf(message: JsMsg): StoredMessage {
  const { headers } = message;
  return {
    subject: message.subject,
    seq: message.seq,
    storedAtMs: Math.floor(message.info.timestampNanos / 1_000_000),
    data: message.data,
    header: (name) => (headers?.has(name) ? headers.get(name) : undefined),
  };
}
