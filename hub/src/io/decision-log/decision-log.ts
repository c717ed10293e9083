import { assert, type Clock, err, FlotillaError, ok, type Random } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import {
  appendConditionally,
  ensureStream,
  followStream,
  StreamLostError,
  streamBounds,
} from '@flotilla/shared/kit/jetstream';
import { type Bus, BusError } from '@flotilla/shared/kit/nats';
import type { Decision, DecisionEvent } from '@flotilla/shared/model';
import type { DecisionLog, StoredDecision } from '../../ports.ts';
import {
  decodeDecision,
  encodeDecision,
  eventIdOf,
  hashOfMessage,
  type LoggedDecision,
} from './decision-message.ts';
import { DecisionTooLargeError, LogLostError, LogUnavailableError } from './log-error.ts';
import { readStoredPayload, withStoredPayload } from './payload-store.ts';
import { SharedUids } from './shared-uids.ts';
import { decisionStream, decisionStreamName, payloadStream } from './streams.ts';

/** What the log is opened with. */
export interface DecisionLogOptions {
  /** A connection to account HUB. */
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Copies of the stream when it is made here: 1 on a laptop, 3 in a cluster. */
  readonly replicas: number;
  /** How long an append is tried before it rejects. */
  readonly appendDeadlineMs: number;
}

type Entry = { readonly subject: string; readonly event: DecisionEvent<Decision> };

/** One try of an append; a server that syncs to a slow disk answers well within it. */
const tryMs = 5_000;

/** Opens the log, making its stream unless it exists. Rejects with StreamMismatchError when that has other settings. */
export async function openDecisionLog(
  options: DecisionLogOptions,
  signal: AbortSignal,
): Promise<DecisionLog> {
  const { bus } = options;
  await ensureStream(bus, payloadStream(options.replicas), signal);
  await ensureStream(bus, decisionStream(options.replicas), signal);
  return {
    async append(subject, event, signal) {
      const appended = await append(options, [{ subject, event }], signal);
      if (appended.kind === 'conflict') return { kind: 'conflict', lastSeq: appended.lastSeq };
      const [one] = appended.stored;
      assert(one !== undefined, 'one appended event has one sequence');
      return { kind: 'appended', ...one };
    },
    async appendAll(entries, signal) {
      const appended = await append(options, entries, signal);
      if (appended.kind === 'appended') return ok(appended.stored);
      return err({ subject: entries[appended.at]?.subject ?? '' });
    },
    follow: (fromSeq, signal) => follow(options, fromSeq, signal),
    async bounds(signal) {
      signal.throwIfAborted();
      try {
        const { firstSeq, lastSeq } = await streamBounds(bus, decisionStreamName);
        return { firstSeq, lastSeq };
      } catch (caught) {
        throw unavailable('read the bounds of the decision log', caught);
      }
    },
  };
}

async function append(options: DecisionLogOptions, entries: readonly Entry[], signal: AbortSignal) {
  const ids = new Map<string, string>(entries.map(({ subject, event }) => [subject, event.id]));
  try {
    const requests = await requestsFor(options, entries, signal);
    const settled = await appendConditionally(
      requests,
      {
        ...options,
        stream: decisionStreamName,
        timeoutMs: tryMs,
        deadlineMs: options.appendDeadlineMs,
        isOurs: (stored) => eventIdOf(stored.data) === ids.get(stored.subject),
      },
      signal,
    );
    if (settled.kind === 'conflict') return settled;
    const stored = settled.seqs.map((seq, index) => ({
      seq,
      hash: hashOfMessage(requests[index]?.data ?? new Uint8Array()),
    }));
    return { kind: 'appended', stored } as const;
  } catch (caught) {
    signal.throwIfAborted();
    throw unavailable(`append to ${entries.map(({ subject }) => subject).join(', ')}`, caught);
  }
}

async function requestsFor(options: DecisionLogOptions, entries: readonly Entry[], signal: AbortSignal) {
  const requests: { subject: string; data: Uint8Array; expectedSeq: number }[] = [];
  for (const { subject, event } of entries) {
    const data = encodeDecision(await withStoredPayload(event, options, signal));
    checkSize(options.bus, subject, data.length);
    requests.push({ subject, data, expectedSeq: event.expectedSeq });
  }
  return requests;
}

/** Headers of a message count too; they stay far below this. */
const headerRoomBytes = 1_024;

function checkSize(bus: Bus, subject: string, bytes: number): void {
  const max = bus.payloadBytesMax - headerRoomBytes;
  if (bytes <= max) return;
  throw new DecisionTooLargeError(
    `a decision for ${subject} has ${bytes} bytes, and the bus takes ${max}: raise max_payload of nats-server`,
    { code: 'DECISION_TOO_LARGE', retry: 'never' },
  );
}

async function* follow(
  options: DecisionLogOptions,
  fromSeq: number,
  signal: AbortSignal,
): ReturnType<DecisionLog['follow']> {
  assert(fromSeq >= 1, 'sequences count from 1');
  const start = { kind: 'all', fromSeq } as const;
  const shared = new SharedUids();
  try {
    for await (const one of followStream(
      { ...options, stream: decisionStreamName, start, onLost: 'fail' },
      signal,
    )) {
      yield 'kind' in one ? one : withShared(await whole(decodeDecision(one), options, signal), shared);
    }
  } catch (caught) {
    if (!(caught instanceof StreamLostError)) throw caught;
    throw new LogLostError(`the decision log was lost: ${caught.message}`, {
      code: 'LOG_LOST',
      retry: 'never',
      cause: caught,
    });
  }
}

/** The decision with its payload, wherever that is kept. */
async function whole(
  logged: LoggedDecision,
  options: DecisionLogOptions,
  signal: AbortSignal,
): Promise<StoredDecision> {
  const { event, seq, subject } = logged;
  const { payload } = event;
  if (payload.kind !== 'payload-stored') return { ...logged, event: { ...event, payload } };
  const where = `event ${seq} of ${subject}`;
  return {
    ...logged,
    event: { ...event, payload: await readStoredPayload(payload, where, options, signal) },
  };
}

function withShared(stored: StoredDecision, shared: SharedUids): StoredDecision {
  const { event } = stored;
  return { ...stored, event: { ...event, payload: shared.in(event.payload) } };
}

/** What passes by itself becomes LogUnavailableError; what does not stays what it is. */
function unavailable(what: string, caught: unknown): unknown {
  if (!(caught instanceof BusError) && !(caught instanceof FlotillaError && caught.retry === 'backoff'))
    return caught;
  return new LogUnavailableError(what, { code: 'LOG_UNAVAILABLE', retry: 'backoff', cause: caught });
}
