import type { BackoffBounds, Clock, Random } from '../../base/index.ts';
import { assert, errorCode, FlotillaError, fullJitterMs } from '../../base/index.ts';
import { type Bus, BusError } from '../nats/index.ts';
import { type PublishRequest, publishOnce } from './publish.ts';
import { firstAfter, lastOf, type StoredMessage } from './read-message.ts';

/** How an append is carried through. */
export interface SettleOptions {
  readonly bus: Bus;
  readonly stream: string;
  readonly clock: Clock;
  readonly random: Random;
  /** One try. */
  readonly timeoutMs: number;
  /** All tries together; then the last error is thrown. */
  readonly deadlineMs: number;
  /** Whether a stored message is the one that we tried to append. */
  readonly isOurs: (stored: StoredMessage, request: PublishRequest) => boolean;
}

/** What an append came to. `at` is the index of a request whose expectation does not hold. */
export type SettledAppend =
  | { readonly kind: 'stored'; readonly seqs: readonly number[] }
  | { readonly kind: 'conflict'; readonly at: number; readonly lastSeq: number };

/** A request with its condition. */
type ConditionalRequest = PublishRequest & { readonly expectedSeq: number };

const pause: BackoffBounds = { baseMs: 50, capMs: 1_000 };

/**
 * Appends messages to subjects of their own, all or none, each if its subject's last sequence is the expected one.
 *
 * When an answer is lost the outcome is unknown. Then the subject is read: our message can only stand right behind the
 * expected sequence. If another one stands there, ours never will. If nothing stands there yet, the same append with the
 * same expectation is safe to send again: of all copies at most one can be stored. Rejects with the last error at the
 * deadline, and the outcome stays unknown to the caller, who learns it from following the stream.
 */
export async function appendConditionally(
  requests: readonly ConditionalRequest[],
  options: SettleOptions,
  signal: AbortSignal,
): Promise<SettledAppend> {
  const subjects = new Set(requests.map((request) => request.subject));
  assert(requests.length > 0 && subjects.size === requests.length, 'an append names each subject once');
  const endMs = options.clock.nowMs() + options.deadlineMs;
  let mayBeStored = false;
  let lastError: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      if (mayBeStored) {
        const found = await look(requests, options);
        if (found !== undefined) return found;
      }
      const outcome = await publishOnce(options.bus, requests, options.timeoutMs, signal);
      if (outcome.kind === 'stored') return outcome;
      const found = await look(requests, options);
      if (found !== undefined) return found;
    } catch (caught) {
      signal.throwIfAborted();
      if (!(caught instanceof FlotillaError) || caught.retry === 'never') throw caught;
      mayBeStored ||= errorCode(caught) === 'BUS_OUTCOME_UNKNOWN';
      lastError = caught;
    }
    if (options.clock.nowMs() >= endMs) throw gaveUp(requests, mayBeStored, lastError);
    await options.clock.sleep(fullJitterMs(attempt, pause, options.random), signal);
  }
}

/** Reads what stands behind the expectations: ours (stored), another (conflict), or nothing yet (undefined). */
async function look(
  requests: readonly ConditionalRequest[],
  { bus, stream, isOurs }: SettleOptions,
): Promise<SettledAppend | undefined> {
  const seqs: number[] = [];
  for (const [at, request] of requests.entries()) {
    const { subject, expectedSeq } = request;
    const next = await firstAfter(bus, stream, { subject, afterSeq: expectedSeq });
    const last = next ?? (await lastOf(bus, stream, subject));
    if (next !== undefined && isOurs(next, request)) seqs.push(next.seq);
    // Nothing behind it, but the subject's end is not where it was said to be either: it was never so.
    else if (next !== undefined || (last?.seq ?? 0) !== expectedSeq)
      return await conflictAt(at, request, { bus, stream });
  }
  // A batch is stored whole: one of ours there means all are, read one after the other.
  return seqs.length === requests.length ? { kind: 'stored', seqs } : undefined;
}

async function conflictAt(
  at: number,
  { subject }: ConditionalRequest,
  { bus, stream }: Pick<SettleOptions, 'bus' | 'stream'>,
): Promise<SettledAppend> {
  return { kind: 'conflict', at, lastSeq: (await lastOf(bus, stream, subject))?.seq ?? 0 };
}

function gaveUp(requests: readonly ConditionalRequest[], mayBeStored: boolean, cause: unknown): BusError {
  const what = `append to ${requests.map((request) => request.subject).join(', ')}`;
  return mayBeStored
    ? new BusError('BUS_OUTCOME_UNKNOWN', `${what}: no answer, it may have been stored`, cause)
    : new BusError('BUS_AWAY', `${what}: nothing was stored`, cause);
}
