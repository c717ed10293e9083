import { createHash } from 'node:crypto';
import { type Digest, FlotillaError, type Json, parseEventId, stableJson } from '@flotilla/shared/base';
import type { StoredMessage } from '@flotilla/shared/kit/jetstream';
import { type Decision, type DecisionEvent, decisionFormat } from '@flotilla/shared/model';
import type { StoredDecision } from '../../ports.ts';

/** The log holds an event that a newer program wrote; this one must not go on from it. */
export class FormatTooNewError extends FlotillaError {
  override readonly name = 'FormatTooNewError';

  constructor(where: string, what: string) {
    super(
      `${where} has ${what}, which this program is too old for: start the newer version of the hub again`,
      {
        code: 'FORMAT_TOO_NEW',
        retry: 'never',
      },
    );
  }
}

/** The log holds a message that is no decision event. */
export class DecisionMalformedError extends FlotillaError {
  override readonly name = 'DecisionMalformedError';
}

/**
 * What stands in the log in place of a payload that is too large for one message: the plan of a large fleet. A program
 * that does not know the kind refuses the log.
 */
export interface StoredPayload {
  readonly kind: 'payload-stored';
  /** Kind of the decision that is stored. */
  readonly of: Decision['kind'];
  /** sha-256 of the compressed bytes; the parts are named after it, so equal payloads are stored once. */
  readonly sha256: Digest;
  /** Of the payload as JSON. */
  readonly bytes: number;
  readonly parts: number;
}

/** An event as it stands in the log. */
export type LoggedEvent = DecisionEvent<Decision | StoredPayload>;

/** A decision as it stands in the log: its payload may lie elsewhere. */
export type LoggedDecision = Omit<StoredDecision, 'event'> & { readonly event: LoggedEvent };

/** Kinds of decisions of this format. A missing or surplus one does not compile. */
const knownKinds: { readonly [kind in LoggedEvent['payload']['kind']]: true } = {
  'budget-changed': true,
  'check-failed': true,
  'check-passed': true,
  'cluster-failed': true,
  'cluster-forgotten': true,
  'cluster-skipped': true,
  'clusters-admitted': true,
  'clusters-started': true,
  'control-adopted': true,
  'epoch-confirmed': true,
  'epoch-raised': true,
  'keep-lifted': true,
  'on-unmatch-set': true,
  'payload-stored': true,
  'prune-permitted': true,
  'rejection-lifted': true,
  'release-urgent': true,
  'rollout-cancelled': true,
  'rollout-halted': true,
  'rollout-paused': true,
  'rollout-planned': true,
  'rollout-resumed': true,
  'rollout-succeeded': true,
  'rollout-superseded': true,
  'rows-adopted': true,
  'source-accepted': true,
  'stage-approved': true,
  tick: true,
  'wave-opened': true,
  'wave-passed': true,
  'wave-promoted': true,
  'withdraw-approved': true,
  'withdraw-held': true,
  'withdraw-lifted': true,
};

/** The bytes of an event in the log: stable JSON, so that equal events have equal hashes. */
export function encodeDecision(event: LoggedEvent): Uint8Array {
  // Decision events are plain data of the model; every member is JSON.
  return new TextEncoder().encode(stableJson(event as unknown as Json));
}

/** sha-256 of a message's bytes: what rows prove their origin with. */
export function hashOfMessage(data: Uint8Array): Digest {
  // sha-256 in hex is what a Digest is.
  return createHash('sha256').update(data).digest('hex') as Digest;
}

/** The id of the event in a message; undefined when it is no event. Finds out whether a message is ours. */
export function eventIdOf(data: Uint8Array): string | undefined {
  const id = fieldsOf(data)?.['id'];
  return typeof id === 'string' ? id : undefined;
}

/**
 * Reads a stored message. Throws FormatTooNewError for a newer format or an unknown kind of decision, and
 * DecisionMalformedError for what no hub can have written. The payload's members are trusted: only hubs write here.
 */
export function decodeDecision(message: StoredMessage): LoggedDecision {
  const where = `event ${message.seq} of ${message.subject}`;
  const fields = fieldsOf(message.data);
  if (fields === undefined) throw malformed(where, 'it is not a JSON object');
  const { format, payload } = fields;
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1)
    throw malformed(where, 'it names no format');
  if (format > decisionFormat) throw new FormatTooNewError(where, `format ${format}`);
  checkEnvelope(where, fields);
  const kind = kindOf(payload);
  if (kind === undefined) throw malformed(where, 'its payload names no kind');
  if (!Object.hasOwn(knownKinds, kind)) throw new FormatTooNewError(where, `a decision of kind ${kind}`);
  // Envelope and kind were just checked; the members of the payload were written by a hub of this format.
  const event = fields as unknown as LoggedEvent;
  const { subject, seq, storedAtMs, data } = message;
  return { subject, seq, storedAtMs, event, hash: hashOfMessage(data) };
}

/** Reads a stored message whose payload is not kept elsewhere; throws as `decodeDecision` does, and for one that is. */
export function decodeInlineDecision(message: StoredMessage): StoredDecision {
  const logged = decodeDecision(message);
  const { event } = logged;
  const { payload } = event;
  if (payload.kind === 'payload-stored')
    throw malformed(`event ${logged.seq} of ${logged.subject}`, 'its payload is kept elsewhere');
  return { ...logged, event: { ...event, payload } };
}

function checkEnvelope(where: string, fields: Fields): void {
  const { id, atMs, actor, expectedSeq } = fields;
  if (typeof id !== 'string' || !parseEventId(id).ok) throw malformed(where, 'its id is not an event id');
  if (typeof atMs !== 'number') throw malformed(where, 'atMs is not a number');
  if (typeof expectedSeq !== 'number') throw malformed(where, 'expectedSeq is not a number');
  if (kindOf(actor) === undefined) throw malformed(where, 'its actor names no kind');
}

interface Fields {
  readonly [name: string]: unknown;
}

function kindOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  return typeof value.kind === 'string' ? value.kind : undefined;
}

function fieldsOf(data: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function malformed(where: string, why: string): DecisionMalformedError {
  return new DecisionMalformedError(`${where} is no decision: ${why}`, {
    code: 'DECISION_MALFORMED',
    retry: 'never',
  });
}
