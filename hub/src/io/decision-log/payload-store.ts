import { type Digest, type Json, limits, stableJson } from '@flotilla/shared/base';
import { gzip } from '@flotilla/shared/kit';
import { appendConditionally, askAgain, lastOf, type SettleOptions } from '@flotilla/shared/kit/jetstream';
import type { Decision, DecisionEvent } from '@flotilla/shared/model';
import { hashOfMessage, type LoggedEvent, type StoredPayload } from './decision-message.ts';
import { LogLostError } from './log-error.ts';
import { payloadStreamName } from './streams.ts';

/** What the store needs of the log's options. */
export interface PayloadStoreOptions extends Pick<SettleOptions, 'bus' | 'clock' | 'random'> {
  /** How long storing a part is tried. */
  readonly appendDeadlineMs: number;
}

/** Larger payloads are stored beside the log: reading it whole stays fast, and NATS takes messages of 1 MiB only. */
const inlineBytesMax = 262_144;
/** A part, and base64 of it in an answer, fits into one message. */
const partBytes = 524_288;
const tryMs = 5_000;

/** The event with its payload moved into the store if it is large. What it refers to is on disk when this resolves. */
export async function withStoredPayload(
  event: DecisionEvent<Decision>,
  options: PayloadStoreOptions,
  signal: AbortSignal,
): Promise<LoggedEvent> {
  // Decisions are plain data of the model; every member is JSON.
  const json = new TextEncoder().encode(stableJson(event.payload as unknown as Json));
  if (json.length <= inlineBytesMax) return event;
  const packed = gzip.deflate(json);
  const sha256 = hashOfMessage(packed);
  const parts = Math.ceil(packed.length / partBytes);
  for (let part = 0; part < parts; part += 1) {
    const data = packed.subarray(part * partBytes, (part + 1) * partBytes);
    const request = { subject: subjectOf(sha256, part), data, expectedSeq: 0 };
    // Whatever stands under that name has the same bytes: a conflict means that somebody stored them already.
    const isOurs = () => true;
    const { appendDeadlineMs: deadlineMs } = options;
    const settle = { ...options, stream: payloadStreamName, timeoutMs: tryMs, deadlineMs, isOurs };
    await appendConditionally([request], settle, signal);
  }
  const payload: StoredPayload = {
    kind: 'payload-stored',
    of: event.payload.kind,
    sha256,
    bytes: json.length,
    parts,
  };
  return { ...event, payload };
}

/**
 * The payload that an event refers to; waits while the bus is away. Throws LogLostError when it is not there or is not what
 * the event names: without it nobody can say what was decided.
 */
export async function readStoredPayload(
  stored: StoredPayload,
  where: string,
  options: PayloadStoreOptions,
  signal: AbortSignal,
): Promise<Decision> {
  const packed: Uint8Array[] = [];
  const patient = { ...options, deadlineMs: Number.POSITIVE_INFINITY };
  for (let part = 0; part < stored.parts; part += 1) {
    const subject = subjectOf(stored.sha256, part);
    const message = await askAgain(() => lastOf(options.bus, payloadStreamName, subject), patient, signal);
    if (message === undefined) throw lost(where, `${subject} is missing`);
    packed.push(message.data);
  }
  const bytes = Buffer.concat(packed);
  if (hashOfMessage(bytes) !== stored.sha256) throw lost(where, 'its bytes are others');
  const json = gzip.inflate(bytes, Math.min(stored.bytes, limits.planBytesMax));
  if (json === undefined) throw lost(where, 'it cannot be unpacked');
  // The hash proves that these are the bytes which a hub stored for this event.
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) as Decision;
}

function subjectOf(sha256: Digest, part: number): string {
  return `flotilla.payloads.${sha256}.${part}`;
}

function lost(where: string, why: string): LogLostError {
  return new LogLostError(`the payload that ${where} refers to is lost: ${why}`, {
    code: 'LOG_LOST',
    retry: 'never',
  });
}
