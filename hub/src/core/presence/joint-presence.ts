import type { ClusterUid } from '@flotilla/shared/base';
import { type Presence, streamTimes } from '@flotilla/shared/model';
import { listeningSinceMs, type PeerSighting, type Peers, sightingElsewhere } from './peers.ts';
import { presenceOf } from './presence.ts';
import { newerSighting, type Sighting } from './sighting.ts';

/** What one process knows of the presence of clusters: its own streams, and what the others tell. */
export interface Whereabouts {
  /** Start of this process, monotonic milliseconds. */
  readonly startedMs: number;
  readonly own: ReadonlyMap<ClusterUid, Sighting>;
  readonly peers: Peers;
  /** As in PresenceContext. */
  readonly startGraceMs: number;
}

/** The stream of a cluster that counts: the newest one, whichever process holds it. Undefined = nobody has seen one. */
export function newestSighting(
  { own, peers }: Pick<Whereabouts, 'own' | 'peers'>,
  uid: ClusterUid,
  nowMs: number,
): Sighting | PeerSighting | undefined {
  return newerSighting(own.get(uid), sightingElsewhere(peers, uid, nowMs));
}

/** What is known of a cluster by its newest stream. */
export interface JointPresence {
  readonly presence: Presence;
  /** Newest report that the agent named on that stream. */
  readonly announced: { readonly incarnation: number; readonly seq: number } | undefined;
}

/**
 * Where a cluster stands. A process that falls silent takes nobody with it: from then on its clusters are at worst Suspect
 * for as long as after a hub's start, because they need time to come back elsewhere.
 */
export function jointPresence(
  where: Whereabouts,
  uid: ClusterUid,
  { nowMs, hasReported }: { readonly nowMs: number; readonly hasReported: boolean },
): JointPresence {
  const newest = newestSighting(where, uid, nowMs);
  const sinceMs = newest === undefined ? listeningSinceMs(where.peers, nowMs) : unknownSinceMs(newest);
  const startedMs = Math.max(where.startedMs, sinceMs ?? where.startedMs);
  const presence = presenceOf(newest?.heard, {
    startedMs,
    nowMs,
    hasReported,
    startGraceMs: where.startGraceMs,
  });
  if (newest?.announcedSeq === undefined) return { presence, announced: undefined };
  return { presence, announced: { incarnation: newest.incarnation, seq: newest.announcedSeq } };
}

/** Whether so lately that its agent may still come back elsewhere the process fell silent that held this stream. */
export function isJustUnknown(newest: Sighting | PeerSighting, nowMs: number): boolean {
  const sinceMs = unknownSinceMs(newest);
  return sinceMs !== undefined && nowMs - sinceMs < streamTimes.impairedWindowMs;
}

function unknownSinceMs(sighting: Sighting | PeerSighting): number | undefined {
  return 'unknownSinceMs' in sighting ? sighting.unknownSinceMs : undefined;
}
