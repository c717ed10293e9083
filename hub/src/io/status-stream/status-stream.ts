import {
  type Clock,
  type ClusterUid,
  FlotillaError,
  limits,
  parseClusterUid,
  type Random,
} from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import { ensureStream, followStream, purgeSubject } from '@flotilla/shared/kit/jetstream';
import type { Bus } from '@flotilla/shared/kit/nats';
import { statusSubject } from '@flotilla/shared/model';
import type { StatusStream } from '../../ports.ts';
import { statusStream, statusStreamName } from './streams.ts';

/** What the stream is opened with. */
export interface StatusStreamOptions {
  /** The hub's connection to account FLEET. */
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Copies of the stream when it is made here. */
  readonly replicas: number;
}

/** A report that the stream would drop without a word. */
export class ReportTooLargeError extends FlotillaError {
  override readonly name = 'ReportTooLargeError';

  constructor(uid: ClusterUid, bytes: number) {
    super(`report of cluster ${uid} has ${bytes} bytes, more than ${limits.agentMessageBytesMax}`, {
      code: 'REPORT_TOO_LARGE',
      retry: 'never',
    });
  }
}

const subjectPrefix = 'flotilla.status.';

/** Opens the stream, making it unless it exists. Rejects with StreamMismatchError when that has other settings. */
export async function openStatusStream(
  options: StatusStreamOptions,
  signal: AbortSignal,
): Promise<StatusStream> {
  const { bus } = options;
  await ensureStream(bus, statusStream(options.replicas), signal);
  return {
    follow: (signal) => follow(options, signal),
    async publish(uid, payload, signal) {
      if (payload.length > limits.agentMessageBytesMax) throw new ReportTooLargeError(uid, payload.length);
      bus.publish(statusSubject(uid), payload);
      await bus.flush(signal);
    },
    async purge(uid, signal) {
      signal.throwIfAborted();
      await purgeSubject(bus, statusStreamName, statusSubject(uid));
    },
  };
}

async function* follow(
  options: StatusStreamOptions,
  signal: AbortSignal,
): ReturnType<StatusStream['follow']> {
  const following = followStream(
    {
      ...options,
      stream: statusStreamName,
      start: { kind: 'last-values' },
      onLost: 'restart',
      // Reports are said again within a minute; without a stream they would go nowhere until a restart.
      remake: (aborted) => ensureStream(options.bus, statusStream(options.replicas), aborted),
    },
    signal,
  );
  for await (const one of following) {
    if ('kind' in one) yield one;
    else {
      const uid = uidOf(one.subject);
      // The server lets agents publish their own uid only; somebody with more rights wrote this.
      if (uid === undefined)
        options.log.warn('a report on a strange subject is ignored', { subject: one.subject });
      else yield { uid, seq: one.seq, storedAtMs: one.storedAtMs, payload: one.data };
    }
  }
}

function uidOf(subject: string): ClusterUid | undefined {
  const parsed = parseClusterUid(subject.slice(subjectPrefix.length));
  return subject.startsWith(subjectPrefix) && parsed.ok ? parsed.value : undefined;
}
