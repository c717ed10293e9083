import type { ClusterUid } from '@flotilla/shared/base';
import { streamTimes } from '@flotilla/shared/model';
import { type Heard, heardEnd, heardNow } from './presence.ts';

/**
 * Clusters that have reported, and of which nobody has heard since this process can hear of them, as if they had gone when it
 * began: their agents need time to come back, and until most of them have, silence is not their fault (decisions.md, Time).
 * Who fell silent long before the newest report of all is not waited for.
 */
export function awaited(
  /** Each cluster, and when its newest report was stored by the bus's clock; 0 = it never reported. */
  reported: readonly (readonly [uid: ClusterUid, storedAtMs: number])[],
  heardOf: ReadonlySet<ClusterUid>,
  /** Since when this process can hear of clusters, monotonic milliseconds. */
  listeningSinceMs: number,
): readonly Heard[] {
  const newestAtMs = reported.reduce((newest, [, atMs]) => Math.max(newest, atMs), 0);
  const gone = heardEnd(heardNow(listeningSinceMs), listeningSinceMs);
  return reported
    .filter(([uid, atMs]) => atMs > 0 && atMs > newestAtMs - streamTimes.lostMs && !heardOf.has(uid))
    .map(() => gone);
}
