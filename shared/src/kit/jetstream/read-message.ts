import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import type { Bus } from '../nats/index.ts';
import { apiNumbers, jetStreamErrorOf, manage, numberOf } from './jetstream-error.ts';

/** A message as a stream stored it. */
export interface StoredMessage {
  readonly subject: string;
  readonly seq: number;
  /** Milliseconds since 1970, by the server that stored it. */
  readonly storedAtMs: number;
  readonly data: Uint8Array;
  /** Value of a header; undefined when absent. */
  header(name: string): string | undefined;
}

/** The newest message of a subject, asked of the stream's leader: never a lagging copy. Undefined = none. */
export async function lastOf(bus: Bus, stream: string, subject: string): Promise<StoredMessage | undefined> {
  return await getMessage(bus, stream, { last_by_subj: subject });
}

/** The first message of a subject with a sequence above `afterSeq`, asked of the stream's leader. Undefined = none. */
export async function firstAfter(
  bus: Bus,
  stream: string,
  where: { readonly subject: string; readonly afterSeq: number },
): Promise<StoredMessage | undefined> {
  // The library's type does not know the second field, the server does (2.9 and newer).
  const query = { seq: where.afterSeq + 1, next_by_subj: where.subject };
  return await getMessage(bus, stream, query);
}

/** The message with that sequence. Undefined = none. */
export async function messageAt(bus: Bus, stream: string, seq: number): Promise<StoredMessage | undefined> {
  return await getMessage(bus, stream, { seq });
}

/** First and last sequence of a stream; of an empty one the first is 0, and the last what was last given out. */
export async function streamBounds(
  bus: Bus,
  stream: string,
): Promise<{ readonly firstSeq: number; readonly lastSeq: number; readonly created: string }> {
  try {
    const { state, created } = await manage(bus, (manager) => manager.streams.info(stream));
    return {
      firstSeq: state.messages === 0 ? 0 : state.first_seq,
      lastSeq: state.last_seq,
      created: String(created),
    };
  } catch (caught) {
    throw jetStreamErrorOf(caught, `read the state of stream ${stream}`);
  }
}

/** Removes all messages of a subject. */
export async function purgeSubject(bus: Bus, stream: string, subject: string): Promise<void> {
  try {
    await manage(bus, (manager) => manager.streams.purge(stream, { filter: subject }));
  } catch (caught) {
    throw jetStreamErrorOf(caught, `purge ${subject} of stream ${stream}`);
  }
}

type Query = Parameters<JetStreamManager['streams']['getMessage']>[1];

async function getMessage(bus: Bus, stream: string, query: Query): Promise<StoredMessage | undefined> {
  try {
    const found = await manage(bus, (manager) => manager.streams.getMessage(stream, query));
    return found === null ? undefined : storedOf(found);
  } catch (caught) {
    if (numberOf(caught) === apiNumbers.messageNotFound) return undefined;
    throw jetStreamErrorOf(caught, `read a message of stream ${stream}`);
  }
}

function storedOf(message: StoredMsg): StoredMessage {
  const { header } = message;
  return {
    subject: message.subject,
    seq: message.seq,
    storedAtMs: message.time.getTime(),
    data: message.data,
    header: (name) => (header?.has(name) ? header.get(name) : undefined),
  };
}
