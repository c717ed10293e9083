import {
  decodeInlineDecision,
  encodeDecision,
  hashOfMessage,
  LogLostError,
  LogUnavailableError,
} from '@flotilla/hub/io/decision-log';
import type { DecisionLog, StoredDecision } from '@flotilla/hub/ports';
import { assert, type Clock, err, ok } from '@flotilla/shared/base';
import { StreamLostError } from '@flotilla/shared/kit/jetstream';
import { changeSignal } from './change-signal.ts';

/** The decision log in memory: same bytes, hashes and errors as the real one. Any number of hubs may share it. */
export interface MemoryDecisionLog extends DecisionLog {
  /** While false, appends reject with LogUnavailableError and followers wait. */
  isAvailable: boolean;
  /** Forgets everything behind `lastSeq`, as a restored disk does; who had read further gets LogLostError. */
  shorten(lastSeq: number): void;
  /** Stores bytes as they are, as another program would. */
  writeRaw(subject: string, data: Uint8Array): void;
  /** Messages stored. */
  readonly size: number;
  /** The message of a sequence from 1 to `size`. */
  at(seq: number): StoredDecision;
}

interface Message {
  readonly subject: string;
  readonly seq: number;
  readonly storedAtMs: number;
  readonly data: Uint8Array;
  /** Decoded when somebody first reads it: the same bytes say the same to everybody. */
  decoded?: StoredDecision;
}

/** Makes an empty log; messages are stamped with the clock's wall time. */
export function memoryDecisionLog(clock: Pick<Clock, 'wallMs'>): MemoryDecisionLog {
  const messages: Message[] = [];
  const changed = changeSignal();
  let isAvailable = true;

  function lastSeqOf(subject: string): number {
    return messages.findLast((message) => message.subject === subject)?.seq ?? 0;
  }

  function store(subject: string, data: Uint8Array) {
    const seq = messages.length + 1;
    messages.push({ subject, seq, storedAtMs: clock.wallMs(), data });
    changed.raise();
    return { seq, hash: hashOfMessage(data) };
  }

  function checkAvailable(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (!isAvailable)
      throw new LogUnavailableError('the log is away', { code: 'LOG_UNAVAILABLE', retry: 'backoff' });
  }

  async function* follow(fromSeq: number, signal: AbortSignal): ReturnType<DecisionLog['follow']> {
    const endSeq = messages.length;
    let nextSeq = fromSeq;
    let isCaughtUp = false;
    for (;;) {
      signal.throwIfAborted();
      if (messages.length < nextSeq - 1) throw lost(nextSeq - 1);
      const message = isAvailable ? messages[nextSeq - 1] : undefined;
      if (!isCaughtUp && isAvailable && nextSeq > endSeq) {
        isCaughtUp = true;
        yield { kind: 'caught-up' };
      } else if (message === undefined) await changed.wait(signal);
      else {
        yield decoded(message);
        nextSeq += 1;
      }
    }
  }

  return {
    async append(subject, event, signal) {
      checkAvailable(signal);
      const lastSeq = lastSeqOf(subject);
      if (lastSeq !== event.expectedSeq) return { kind: 'conflict', lastSeq };
      return { kind: 'appended', ...store(subject, encodeDecision(event)) };
    },
    async appendAll(entries, signal) {
      checkAvailable(signal);
      const stale = entries.find(({ subject, event }) => lastSeqOf(subject) !== event.expectedSeq);
      if (stale !== undefined) return err({ subject: stale.subject });
      return ok(entries.map(({ subject, event }) => store(subject, encodeDecision(event))));
    },
    follow,
    async bounds(signal) {
      checkAvailable(signal);
      return { firstSeq: Math.min(1, messages.length), lastSeq: messages.length };
    },
    get isAvailable() {
      return isAvailable;
    },
    set isAvailable(value) {
      isAvailable = value;
      changed.raise();
    },
    shorten(lastSeq) {
      messages.length = lastSeq;
      changed.raise();
    },
    writeRaw: store,
    get size() {
      return messages.length;
    },
    at(seq) {
      const message = messages[seq - 1];
      assert(message !== undefined, 'a message of this sequence is stored');
      return decoded(message);
    },
  };
}

/** As the real one says it: the stream is not the one that was read. */
function lost(readSeq: number): LogLostError {
  const text = `the stream holds less than was read, up to ${readSeq}`;
  const cause = new StreamLostError(text, { code: 'STREAM_LOST', retry: 'never' });
  return new LogLostError(`the decision log was lost: ${text}`, { code: 'LOG_LOST', retry: 'never', cause });
}

function decoded(message: Message): StoredDecision {
  message.decoded ??= decodeInlineDecision({ ...message, header: () => undefined });
  return message.decoded;
}
