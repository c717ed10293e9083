import type { Fleet } from '@flotilla/hub/loops';
import type { SeenCluster } from '@flotilla/hub/sessions';
import type { Clock, ClusterUid } from '@flotilla/shared/base';

/** Told at once when it changes, and so often again (decisions, "Who owns which fact"). */
export const gossipEveryMs = 10_000;
/** What another process said counts for so long. */
const heardForMs = 25_000;

/** What one process tells the others of a cluster whose stream it holds. */
export interface Rumour {
  readonly uid: ClusterUid;
  readonly seen: SeenCluster;
}

/**
 * Stands in for what hub processes tell each other about presence on core NATS, which the product does not have yet: without
 * it two processes that hold different streams take each other's clusters for offline, and plan against each other for ever.
 * A stream that this process holds counts before what others say.
 */
export class Gossip {
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #tell: (rumour: Rumour) => void;
  readonly #own = new Map<ClusterUid, SeenCluster>();
  readonly #heard = new Map<ClusterUid, { readonly seen: SeenCluster; readonly atMs: number }>();

  constructor(fleet: Fleet, clock: Clock, tell: (rumour: Rumour) => void) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Where a cluster stands by this process's own streams. */
  see(uid: ClusterUid, seen: SeenCluster): void {
    const before = this.#own.get(uid);
    this.#own.set(uid, seen);
    if (seen.presence === 'connected' || before?.presence === 'connected') this.#tell({ uid, seen });
    this.#fold(uid);
  }

  /** Another process said something. */
  hear({ uid, seen }: Rumour): void {
    this.#heard.set(uid, { seen, atMs: this.#clock.nowMs() });
    this.#fold(uid);
  }

  /** Says everything again, and forgets what was not repeated. */
  repeat(): void {
    for (const [uid, seen] of this.#own) if (seen.presence === 'connected') this.#tell({ uid, seen });
    for (const [uid, { atMs }] of this.#heard) {
      if (this.#clock.nowMs() - atMs <= heardForMs) continue;
      this.#heard.delete(uid);
      this.#fold(uid);
    }
  }

  #fold(uid: ClusterUid): void {
    const own = this.#own.get(uid);
    const heard = this.#heard.get(uid)?.seen;
    const isOwn = own?.presence === 'connected' || heard === undefined;
    const seen = isOwn ? own : heard;
    if (seen !== undefined) this.#fleet.foldPresence(uid, seen, this.#clock.wallMs());
  }
}
