import type { ClusterUid } from '@flotilla/shared/base';
import { type Heard, type HubHealth, heardEnd, heardNow, judgeHub, presenceOf } from '../core/index.ts';
import type { SeenCluster, SessionWorld } from './session-world.ts';

/** Who is there, by what this process heard; never on disk. */
export class SessionPresence {
  readonly #world: SessionWorld;
  readonly #startedMs: number;
  readonly #heard = new Map<ClusterUid, Heard>();
  readonly #announced = new Map<ClusterUid, NonNullable<SeenCluster['announced']>>();
  readonly #told = new Map<ClusterUid, SeenCluster>();
  /** Registered clusters at the last sweep; undefined while they are not all read. */
  registered: number | undefined;
  #health: HubHealth;

  constructor(world: SessionWorld, startedMs: number) {
    this.#world = world;
    this.#startedMs = startedMs;
    this.#health = { isImpaired: false, sinceMs: startedMs };
  }

  get health(): HubHealth {
    return this.#health;
  }

  /** Where a cluster stands now. */
  of(uid: ClusterUid, nowMs: number): SeenCluster {
    const presence = presenceOf(this.#heard.get(uid), {
      startedMs: this.#startedMs,
      nowMs,
      hasReported: this.#world.foldedReport(uid) !== undefined,
    });
    return { presence, announced: this.#announced.get(uid) };
  }

  /** A frame of the cluster's current stream came. */
  heard(uid: ClusterUid, nowMs: number, announced?: SeenCluster['announced']): void {
    this.#heard.set(uid, heardNow(nowMs));
    if (announced !== undefined) this.#announced.set(uid, announced);
    this.#tell(uid, nowMs);
  }

  /** A new stream of the cluster said Hello: what an older one announced says nothing of it. */
  greeted(uid: ClusterUid): void {
    this.#announced.delete(uid);
  }

  /** The cluster's current stream ended. */
  ended(uid: ClusterUid, nowMs: number): void {
    const heard = this.#heard.get(uid);
    if (heard === undefined) return;
    this.#heard.set(uid, heardEnd(heard, nowMs));
    this.#tell(uid, nowMs);
  }

  /** Looks at everybody: time alone changes where they stand. Forgets clusters that are no longer registered. */
  sweep(nowMs: number): void {
    const registered = new Set(this.#world.clusters());
    for (const uid of registered) this.#tell(uid, nowMs);
    if (this.#world.readiness().kind === 'ready') {
      this.registered = registered.size;
      for (const uid of this.#told.keys()) if (!registered.has(uid)) this.#forget(uid);
    }
    const health = judgeHub(this.#health, this.#heard.values(), nowMs);
    if (health === this.#health) return;
    this.#health = health;
    this.#world.onHubHealth(health);
  }

  #forget(uid: ClusterUid): void {
    this.#told.delete(uid);
    this.#announced.delete(uid);
    if (this.#heard.get(uid)?.isOpen !== true) this.#heard.delete(uid);
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
