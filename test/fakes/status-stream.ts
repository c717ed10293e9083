import type { StatusStream, StoredStatus } from '@flotilla/hub/ports';
import type { Clock, ClusterUid } from '@flotilla/shared/base';
import { changeSignal } from './change-signal.ts';

/** The stream of reports in memory. Agents under test publish into it as the hub does. */
export interface MemoryStatusStream extends StatusStream {
  /** While set, publishing rejects with it and followers wait. */
  failure: Error | undefined;
  /** Reports stored since the start, replaced ones included. */
  readonly published: number;
}

/** Makes an empty stream; messages are stamped with the clock's wall time. */
export function memoryStatusStream(clock: Pick<Clock, 'wallMs'>): MemoryStatusStream {
  const newest = new Map<ClusterUid, StoredStatus>();
  const changed = changeSignal();
  let lastSeq = 0;
  let failure: Error | undefined;

  async function* follow(signal: AbortSignal): ReturnType<StatusStream['follow']> {
    let position = 0;
    let isCaughtUp = false;
    const endSeq = lastSeq;
    for (;;) {
      signal.throwIfAborted();
      const next = failure === undefined ? firstAfter(newest, position) : undefined;
      if (!isCaughtUp && failure === undefined && (next === undefined || next.seq > endSeq)) {
        isCaughtUp = true;
        yield { kind: 'caught-up' };
      } else if (next === undefined) await changed.wait(signal);
      else {
        position = next.seq;
        yield next;
      }
    }
  }

  return {
    follow,
    async publish(uid, payload, signal) {
      signal.throwIfAborted();
      if (failure !== undefined) throw failure;
      lastSeq += 1;
      newest.set(uid, { uid, seq: lastSeq, storedAtMs: clock.wallMs(), payload });
      changed.raise();
    },
    async purge(uid, signal) {
      signal.throwIfAborted();
      newest.delete(uid);
    },
    get failure() {
      return failure;
    },
    set failure(error) {
      failure = error;
      changed.raise();
    },
    get published() {
      return lastSeq;
    },
  };
}

/** Each cluster's newest report is delivered in the order of storing; one that was replaced meanwhile is not. */
function firstAfter(
  newest: ReadonlyMap<ClusterUid, StoredStatus>,
  position: number,
): StoredStatus | undefined {
  return [...newest.values()]
    .filter(({ seq }) => seq > position)
    .sort((left, right) => left.seq - right.seq)[0];
}
