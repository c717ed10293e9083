import type { ClusterUid } from '@flotilla/shared/base';
import { streamTimes } from '@flotilla/shared/model';
import { type Heard, heardEnd, heardNow } from './presence.ts';

/** A cluster that an agent has spoken for at some time: it was given rows, or has reported. */
export interface OnceHeard {
  readonly uid: ClusterUid;
  /** When its newest report was stored, by the bus's clock; 0 = none is known: a bus that comes back may have lost it. */
  readonly reportedAtMs: number;
}

/**
 * Clusters of which nobody has heard since this process can hear of them, as if they had gone when it
 * began: their agents need time to come back, and until most of them have, silence is not their fault (decisions.md, Time).
 * Who fell silent long before the newest report of all is not waited for.
 */
export function awaited(
  onceHeard: readonly OnceHeard[],
  heardOf: ReadonlySet<ClusterUid>,
  /** Since when this process can hear of clusters, monotonic milliseconds. */
  listeningSinceMs: number,
): readonly Heard[] {
  const newestAtMs = onceHeard.reduce((newest, one) => Math.max(newest, one.reportedAtMs), 0);
  const gone = heardEnd(heardNow(listeningSinceMs), listeningSinceMs);
  const isLongGone = (atMs: number) => atMs > 0 && atMs <= newestAtMs - streamTimes.lostMs;
  return onceHeard
    .filter(({ uid, reportedAtMs }) => !heardOf.has(uid) && !isLongGone(reportedAtMs))
    .map(() => gone);
}
