import { randomUid } from '../crypto-random.ts';
import { type Bus, BusError, type BusMessage, parsePubAck } from '../nats/index.ts';
import { apiNumbers, isPassing, JetStreamRefusedError } from './jetstream-error.ts';

/** One message to be stored. */
export interface PublishRequest {
  readonly subject: string;
  readonly data: Uint8Array | string;
  /** Last sequence that the subject must have; 0 = no message. Undefined = no condition. */
  readonly expectedSeq?: number;
  readonly headers?: { readonly [name: string]: string };
}

/** What the server said. */
export type PublishOutcome =
  | { readonly kind: 'stored'; readonly seqs: readonly number[] }
  | { readonly kind: 'conflict' };

/** Header names of conditional publishes and atomic batches (nats-server 2.12, ADR-50). */
const names = {
  expectedSeq: 'Nats-Expected-Last-Subject-Sequence',
  batchId: 'Nats-Batch-Id',
  batchSeq: 'Nats-Batch-Sequence',
  batchCommit: 'Nats-Batch-Commit',
} as const;

/**
 * Stores messages, all or none, if every expectation holds; resolves once they are on disk. Several messages go as one
 * atomic batch, each on a subject of its own. Rejects with BusError when the outcome is unknown or nothing was sent,
 * with JetStreamRefusedError when the stream does not take them.
 *
 * The batch is ours because the library's drops expectations silently. Only the last message of a batch is answered.
 */
export async function publishOnce(
  bus: Bus,
  requests: readonly PublishRequest[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PublishOutcome> {
  const [last] = requests.slice(-1);
  if (last === undefined) return { kind: 'stored', seqs: [] };
  const isBatch = requests.length > 1;
  const batchId = randomUid();
  const headersOf = (request: PublishRequest, index: number): { readonly [name: string]: string } => ({
    ...request.headers,
    ...(request.expectedSeq === undefined ? {} : { [names.expectedSeq]: String(request.expectedSeq) }),
    ...(isBatch ? { [names.batchId]: batchId, [names.batchSeq]: String(index + 1) } : {}),
    ...(isBatch && request === last ? { [names.batchCommit]: '1' } : {}),
  });
  for (const [index, request] of requests.slice(0, -1).entries()) {
    bus.publish(request.subject, request.data, headersOf(request, index));
  }
  const headers = headersOf(last, requests.length - 1);
  const answer = await bus.request({ subject: last.subject, data: last.data, headers, timeoutMs }, signal);
  return outcomeOf(answer, last.subject, requests.length);
}

function outcomeOf(answer: BusMessage, subject: string, count: number): PublishOutcome {
  const { seq, number, text } = parsePubAck(answer.data);
  if (number === undefined && seq !== undefined) {
    // The messages of a batch are stored one after the other, the answer names the last one.
    return { kind: 'stored', seqs: Array.from({ length: count }, (_, index) => seq - count + 1 + index) };
  }
  if (number === apiNumbers.wrongLastSequence || number === apiNumbers.wrongLastSequenceUnknown)
    return { kind: 'conflict' };
  if (number === undefined || number === apiNumbers.batchIncomplete || isPassing(number)) {
    throw new BusError('BUS_OUTCOME_UNKNOWN', `publish to ${subject}: ${text}`);
  }
  throw new JetStreamRefusedError(`publish to ${subject}: ${text}`, number);
}
