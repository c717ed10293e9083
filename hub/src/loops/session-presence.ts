import type { ClusterUid } from '@flotilla/shared/base';
import { type Hello, streamTimes } from '@flotilla/shared/model';
import {
  awaited,
  foldGossip,
  forgetPeers,
  type GossipMessage,
  type Heard,
  type HubHealth,
  heardEnd,
  heardNow,
  isJustUnknown,
  jointPresence,
  judgeHub,
  type KnownStream,
  newestSighting,
  noPeers,
  type Peers,
  peersPresent,
  presenceOf,
  type Sighting,
  sightingElsewhere,
  streamOf,
  type ToldSighting,
  toldClusters,
} from '../core/index.ts';
import { listeners } from './listeners.ts';
import type { SeenCluster, SessionWorld } from './session-world.ts';

/** What presence is kept by. */
export interface PresenceOptions {
  /** Name of this process. */
  readonly process: string;
  /** Its start, monotonic milliseconds. */
  readonly startedMs: number;
  /** streamTimes.startGraceMs unless said. */
  readonly startGraceMs?: number | undefined;
}

/** Who is there, by what this process heard of agents and of other hub processes; never on disk. */
export class SessionPresence {
  /** A stream of this process came, went, or said something new: the others do not know it yet. */
  readonly onOwn = listeners<ClusterUid>();
  readonly #world: SessionWorld;
  readonly #startedMs: number;
  readonly #startGraceMs: number;
  readonly #own = new Map<ClusterUid, Sighting>();
  readonly #told = new Map<ClusterUid, SeenCluster>();
  /** Open streams of this process that nothing was heard on for too long, as the others were told. */
  readonly #silent = new Set<ClusterUid>();
  #peers: Peers;
  /** Registered clusters at the last sweep; undefined while they are not all read. */
  registered: number | undefined;
  /** Since when agents are answered here, monotonic milliseconds; undefined while everything is being read. */
  #listeningSinceMs: number | undefined;
  #judged: HubHealth;
  #health: HubHealth;

  constructor(
    world: SessionWorld,
    { process, startedMs, startGraceMs = streamTimes.startGraceMs }: PresenceOptions,
  ) {
    this.#world = world;
    this.#startedMs = startedMs;
    this.#startGraceMs = startGraceMs;
    this.#peers = noPeers(process);
    this.#judged = { isImpaired: false, sinceMs: startedMs };
    this.#health = this.#judged;
  }

  get health(): HubHealth {
    return this.#health;
  }

  /** Other hub processes that are there now. */
  peersPresent(nowMs: number): number {
    return peersPresent(this.#peers, nowMs);
  }

  /** Where a cluster stands now. */
  of(uid: ClusterUid, nowMs: number): SeenCluster {
    const hasReported = this.#world.foldedReport(uid) !== undefined;
    return jointPresence(this.#where(), uid, { nowMs, hasReported });
  }

  /** The newest stream of a cluster at any other process. */
  elsewhere(uid: ClusterUid, nowMs: number): KnownStream | undefined {
    const sighting = sightingElsewhere(this.#peers, uid, nowMs);
    return sighting && streamOf(sighting);
  }

  /** A new stream of the cluster said Hello: what an older one announced says nothing of it. */
  greeted(uid: ClusterUid, { incarnation, session }: Hello, nowMs: number): void {
    this.#own.set(uid, { incarnation, session, announcedSeq: undefined, heard: heardNow(nowMs) });
    this.#changed(uid, nowMs);
  }

  /** A frame of the cluster's current stream came; a heartbeat names the agent's newest report. */
  heard(uid: ClusterUid, nowMs: number, announcedSeq?: number): void {
    const before = this.#own.get(uid);
    if (before === undefined) return;
    this.#own.set(uid, {
      ...before,
      announcedSeq: announcedSeq ?? before.announcedSeq,
      heard: heardNow(nowMs),
    });
    const isNews = announcedSeq !== undefined && announcedSeq !== before.announcedSeq;
    if (this.#silent.delete(uid) || isNews) this.#changed(uid, nowMs);
    else this.#tell(uid, nowMs);
  }

  /** The cluster's current stream ended. */
  ended(uid: ClusterUid, nowMs: number): void {
    const before = this.#own.get(uid);
    if (before === undefined) return;
    this.#silent.delete(uid);
    this.#own.set(uid, { ...before, heard: heardEnd(before.heard, nowMs) });
    this.#changed(uid, nowMs);
  }

  /** Takes what a hub process tells. */
  hear(message: GossipMessage, nowMs: number): void {
    this.#peers = foldGossip(this.#peers, message, nowMs);
    for (const { cluster } of message.sightings) {
      if (this.#world.cluster(cluster) !== undefined) this.#tell(cluster, nowMs);
    }
  }

  /** What the others should know of a cluster's stream here; undefined = there never was one. */
  toldOf(uid: ClusterUid, nowMs: number): ToldSighting | undefined {
    const own = this.#own.get(uid);
    if (own === undefined) return undefined;
    const context = { startedMs: this.#startedMs, nowMs, hasReported: true };
    const { incarnation, session, announcedSeq, heard } = own;
    const isConnected = presenceOf(heard, context) === 'connected';
    return { cluster: uid, incarnation, session, announcedSeq, isConnected };
  }

  /** Every stream that is connected here. */
  ownConnected(nowMs: number): readonly ToldSighting[] {
    return [...this.#own.keys()].flatMap((uid) => {
      const told = this.toldOf(uid, nowMs);
      return told?.isConnected ? [told] : [];
    });
  }

  /** Looks at everybody: time alone changes where they stand. Forgets clusters that are no longer registered. */
  sweep(nowMs: number): void {
    const registered = new Set(this.#world.clusters());
    for (const uid of registered) this.#tell(uid, nowMs);
    if (this.#world.readiness().kind === 'ready') {
      this.registered = registered.size;
      this.#listeningSinceMs ??= nowMs;
      for (const uid of this.#told.keys()) if (!registered.has(uid)) this.#forget(uid);
      this.#peers = forgetPeers(this.#peers, (uid) => registered.has(uid), nowMs);
    }
    for (const [uid, { heard }] of this.#own) {
      if (!heard.isOpen || this.#silent.has(uid) || this.toldOf(uid, nowMs)?.isConnected) continue;
      this.#silent.add(uid);
      this.onOwn.tell(uid);
    }
    this.#judge(nowMs);
  }

  /**
   * An alarm of this process: many clusters vanished at once or have not come back since its start, or a process that held some
   * fell silent just now.
   */
  #judge(nowMs: number): void {
    const where = this.#where();
    const uids = new Set([...this.#own.keys(), ...toldClusters(this.#peers)]);
    const newest = [...uids].flatMap((uid) => newestSighting(where, uid, nowMs) ?? []);
    this.#judged = judgeHub(
      this.#judged,
      [...newest.map((one) => one.heard), ...this.#awaited(uids, nowMs)],
      nowMs,
    );
    const isImpaired = this.#judged.isImpaired || newest.some((one) => isJustUnknown(one, nowMs));
    if (isImpaired === this.#health.isImpaired) return;
    this.#health = { isImpaired, sinceMs: nowMs };
    this.#world.onHubHealth(this.#health);
  }

  /** Who has not come since agents are answered here. */
  #awaited(heardOf: ReadonlySet<ClusterUid>, nowMs: number): readonly Heard[] {
    const sinceMs = this.#listeningSinceMs;
    // Later their absence is their own news, and nobody counts them any more.
    if (sinceMs === undefined || nowMs - sinceMs >= streamTimes.lostMs) return [];
    return awaited(this.#world.onceHeard(), heardOf, sinceMs);
  }

  #where() {
    const [startedMs, startGraceMs] = [this.#startedMs, this.#startGraceMs];
    return { startedMs, startGraceMs, own: this.#own, peers: this.#peers };
  }

  #forget(uid: ClusterUid): void {
    this.#told.delete(uid);
    if (this.#own.get(uid)?.heard.isOpen !== true) this.#own.delete(uid);
  }

  #changed(uid: ClusterUid, nowMs: number): void {
    this.#tell(uid, nowMs);
    this.onOwn.tell(uid);
  }

  #tell(uid: ClusterUid, nowMs: number): void {
    const seen = this.of(uid, nowMs);
    const before = this.#told.get(uid);
    if (
      before?.presence === seen.presence &&
      before.announced?.incarnation === seen.announced?.incarnation &&
      before.announced?.seq === seen.announced?.seq
    ) {
      return;
    }
    this.#told.set(uid, seen);
    this.#world.onPresence(uid, seen);
  }
}
