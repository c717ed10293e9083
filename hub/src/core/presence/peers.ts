import { type ClusterUid, limits } from '@flotilla/shared/base';
import { streamTimes } from '@flotilla/shared/model';
import type { GossipMessage, ToldSighting } from './gossip-message.ts';
import { newerSighting, type Sighting } from './sighting.ts';

/** Times of what hub processes tell each other, milliseconds. */
export const gossipTimes = {
  /** Everything is told again so often, ± heartbeatJitter. */
  digestMs: 10_000,
  /** What was told counts for so long: two digests may be late or lost. */
  heardForMs: 25_000,
} as const;

/** What a process told of one stream, and when (this process's monotonic clock). */
interface Told {
  readonly no: number;
  readonly toldMs: number;
  readonly sighting: ToldSighting;
}

/** One of the other hub processes. */
interface Peer {
  readonly lastToldMs: number;
  /** It said that it is stopping. */
  readonly isLeaving: boolean;
  readonly told: ReadonlyMap<ClusterUid, Told>;
}

/** What this process has heard of the others. Bounded: limits.hubProcessesMax processes, one entry for each stream they tell of. */
export interface Peers {
  readonly self: string;
  readonly byProcess: ReadonlyMap<string, Peer>;
  /** When this process last heard its own words: they come back over the same way as those of others. */
  readonly lastEchoMs: number | undefined;
  /** Since when it has heard them without a break. */
  readonly hearingSinceMs: number | undefined;
}

/** A stream that another process tells of. */
export interface PeerSighting extends Sighting {
  /** Since when nobody can know more of it, because its process is away or this one was deaf; undefined = that is not so. */
  readonly unknownSinceMs: number | undefined;
}

/** A process that has just begun to listen. */
export function noPeers(self: string): Peers {
  return { self, byProcess: new Map(), lastEchoMs: undefined, hearingSinceMs: undefined };
}

/** Takes what a process tells, this one's own words included: they prove that it hears. */
export function foldGossip(peers: Peers, message: GossipMessage, nowMs: number): Peers {
  if (message.process === peers.self) {
    const isUnbroken = peers.lastEchoMs !== undefined && nowMs - peers.lastEchoMs < gossipTimes.heardForMs;
    return { ...peers, lastEchoMs: nowMs, hearingSinceMs: isUnbroken ? peers.hearingSinceMs : nowMs };
  }
  const before = peers.byProcess.get(message.process);
  const told = new Map(before?.told);
  for (const sighting of message.sightings) {
    const known = told.get(sighting.cluster);
    if (known === undefined || known.no < message.no)
      told.set(sighting.cluster, { no: message.no, toldMs: nowMs, sighting });
  }
  const isLeaving = before?.isLeaving === true || message.kind === 'leaving';
  const byProcess = new Map(peers.byProcess).set(message.process, { lastToldMs: nowMs, isLeaving, told });
  return { ...peers, byProcess: withinBounds(byProcess) };
}

/** Forgets processes that have been away for so long that their streams are elsewhere or lost, and clusters that are gone. */
export function forgetPeers(peers: Peers, isRegistered: (uid: ClusterUid) => boolean, nowMs: number): Peers {
  if (isDeaf(peers, nowMs)) return peers;
  const kept = [...peers.byProcess].filter(
    ([, peer]) => nowMs - Math.max(peer.lastToldMs, peers.hearingSinceMs ?? 0) < streamTimes.lostMs,
  );
  const byProcess = new Map(
    kept.map(([name, peer]) => {
      const isClean = [...peer.told.keys()].every(isRegistered);
      const told = isClean ? peer.told : new Map([...peer.told].filter(([uid]) => isRegistered(uid)));
      return [name, isClean ? peer : { ...peer, told }] as const;
    }),
  );
  return { ...peers, byProcess };
}

/** Clusters of which any other process tells. */
export function toldClusters(peers: Peers): ReadonlySet<ClusterUid> {
  return new Set([...peers.byProcess.values()].flatMap((peer) => [...peer.told.keys()]));
}

/** The newest stream of a cluster at any other process; undefined = nobody told of one. */
export function sightingElsewhere(peers: Peers, uid: ClusterUid, nowMs: number): PeerSighting | undefined {
  let newest: PeerSighting | undefined;
  for (const peer of peers.byProcess.values()) {
    const told = peer.told.get(uid);
    if (told !== undefined) newest = newerSighting(newest, sightingOf(peers, { peer, told }, nowMs));
  }
  return newest;
}

/**
 * Since when a cluster of which nobody told can be looked for: what was said while this process was deaf it does not know.
 * Undefined = since its start, because it is alone or has heard all along.
 */
export function listeningSinceMs(peers: Peers, nowMs: number): number | undefined {
  if (peers.byProcess.size === 0) return undefined;
  return isDeaf(peers, nowMs) ? nowMs : peers.hearingSinceMs;
}

/** Other processes that are there now: they spoke lately and did not say goodbye. */
export function peersPresent(peers: Peers, nowMs: number): number {
  return [...peers.byProcess.values()].filter((peer) => awaySinceMs(peer, nowMs) === undefined).length;
}

function sightingOf(
  peers: Peers,
  { peer, told }: { readonly peer: Peer; readonly told: Told },
  nowMs: number,
): PeerSighting {
  const { incarnation, session, announcedSeq, isConnected } = told.sighting;
  const { lastToldMs, isLeaving } = peer;
  const untilMs = isLeaving ? lastToldMs : told.toldMs + gossipTimes.heardForMs;
  // Its process looks after the agent's silence: while its word counts, the agent is heard.
  const isOpen = isConnected && !isLeaving && nowMs < untilMs;
  const heard = isOpen
    ? { isOpen, lastHeardMs: nowMs, endedMs: nowMs }
    : { isOpen, lastHeardMs: told.toldMs, endedMs: isConnected ? untilMs : told.toldMs };
  const unknownSinceMs = isConnected ? awayForUsSinceMs(peers, peer, nowMs) : undefined;
  return { incarnation, session, announcedSeq, heard, unknownSinceMs };
}

/** Since when a process is away; undefined = it is there. */
function awaySinceMs({ isLeaving, lastToldMs }: Peer, nowMs: number): number | undefined {
  if (isLeaving) return lastToldMs;
  const untilMs = lastToldMs + gossipTimes.heardForMs;
  return nowMs < untilMs ? undefined : untilMs;
}

/** Since when this process can tell that another one is away: not while it is deaf itself. */
function awayForUsSinceMs(peers: Peers, peer: Peer, nowMs: number): number | undefined {
  const sinceMs = awaySinceMs(peer, nowMs);
  if (sinceMs === undefined) return undefined;
  return isDeaf(peers, nowMs) ? nowMs : Math.max(sinceMs, peers.hearingSinceMs ?? sinceMs);
}

function isDeaf({ lastEchoMs }: Peers, nowMs: number): boolean {
  return lastEchoMs === undefined || nowMs - lastEchoMs >= gossipTimes.heardForMs;
}

/** Of too many processes those of which nothing was heard for the longest time are forgotten. */
function withinBounds(byProcess: ReadonlyMap<string, Peer>): ReadonlyMap<string, Peer> {
  if (byProcess.size <= limits.hubProcessesMax) return byProcess;
  const newestFirst = [...byProcess].sort(([, left], [, right]) => right.lastToldMs - left.lastToldMs);
  return new Map(newestFirst.slice(0, limits.hubProcessesMax));
}
