import type { Clock, ClusterUid, Random } from '@flotilla/shared/base';
import { isAbort, jitter, limits, stableJson } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import { streamTimes } from '@flotilla/shared/model';
import {
  encodeGossip,
  type GossipKind,
  type GossipMessage,
  gossipTimes,
  parseGossip,
  type ToldRejection,
  type ToldSighting,
} from '../core/index.ts';
import type { GossipLine } from '../ports.ts';
import { Pulse } from './pulse.ts';
import type { SessionHost } from './session-host.ts';
import type { SessionMetrics } from './session-metrics.ts';
import type { SessionWorld } from './session-world.ts';

/** What the loop between hub processes runs on. */
export interface PresenceGossipDeps {
  readonly line: GossipLine;
  /** Name of this process; it stands in every message. */
  readonly process: string;
  readonly host: Pick<SessionHost, 'hear' | 'presence' | 'streams'>;
  readonly world: Pick<SessionWorld, 'rejections'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: SessionMetrics;
}

/** News of a moment goes together: a fleet that comes back at once must not cost a message for each cluster. */
const newsSpacingMs = 100;
/** The bus may have come back any moment. */
const tellAgainMs = 1_000;

/**
 * Tells the other hub processes where the streams of this one stand and what its agents refused, at once and again every ten
 * seconds, and takes what they tell. Until the signal is aborted; never rejects.
 */
export async function runPresenceGossip(deps: PresenceGossipDeps, signal: AbortSignal): Promise<void> {
  const gossip = new PresenceGossip(deps);
  const remove = deps.host.presence.onOwn.add((uid) => gossip.changed(uid));
  const goodbye = (): void => gossip.leave();
  // Before streams are drained: so the others know that they end because of this process.
  signal.addEventListener('abort', goodbye, { once: true });
  await Promise.all([gossip.hear(signal), gossip.tellNews(signal), gossip.tellDigests(signal)]);
  remove();
}

class PresenceGossip {
  readonly #deps: PresenceGossipDeps;
  readonly #changed = new Set<ClusterUid>();
  readonly #news = new Pulse();
  readonly #everything = new Pulse();
  #no = 0;
  #hasLeft = false;

  constructor(deps: PresenceGossipDeps) {
    this.#deps = deps;
  }

  changed(uid: ClusterUid): void {
    this.#changed.add(uid);
    this.#news.raise();
  }

  leave(): void {
    this.#tell('leaving', [], []);
    this.#hasLeft = true;
  }

  async hear(signal: AbortSignal): Promise<void> {
    const { line, log } = this.#deps;
    try {
      for await (const payload of line.hear(signal)) this.#take(payload);
    } catch (error) {
      if (!signal.aborted || !isAbort(error)) log.error('hub processes are not heard any more', { error });
    }
  }

  async tellNews(signal: AbortSignal): Promise<void> {
    while (await this.#news.wait(signal)) {
      const uids = [...this.#changed];
      this.#changed.clear();
      this.#tellOf('news', uids);
      await this.#pause(newsSpacingMs, signal);
    }
  }

  /** Asks the others at the start, and whenever nobody could be told for a while: what they said meanwhile was missed. */
  async tellDigests(signal: AbortSignal): Promise<void> {
    let isHello = true;
    while (!signal.aborted) {
      const isTold = this.#digest(isHello ? 'hello' : 'digest');
      isHello = !isTold;
      const everyMs = isTold
        ? jitter(gossipTimes.digestMs, streamTimes.heartbeatJitter, this.#deps.random)
        : tellAgainMs;
      await this.#everything.waitAtMost(everyMs, this.#deps.clock, signal);
    }
  }

  #take(payload: Uint8Array): void {
    const { host, log, metrics, process } = this.#deps;
    const message = parseGossip(jsonOf(payload));
    metrics.gossipHeard.add(1, { outcome: message.ok ? 'read' : 'malformed' });
    if (!message.ok) {
      log.warn('a hub process is not understood', { reason: message.error });
      return;
    }
    host.hear(message.value);
    if (message.value.kind === 'hello' && message.value.process !== process) this.#everything.raise();
  }

  #digest(kind: GossipKind): boolean {
    const { clock, host } = this.#deps;
    return this.#tellOf(
      kind,
      host.presence.ownConnected(clock.nowMs()).map((told) => told.cluster),
    );
  }

  /** Tells of some clusters, in as many messages as that takes; an empty one says that this process is there. */
  #tellOf(kind: GossipKind, uids: readonly ClusterUid[]): boolean {
    const { clock, host, world } = this.#deps;
    const nowMs = clock.nowMs();
    let sightings: ToldSighting[] = [];
    let rejections: ToldRejection[] = [];
    let isTold = true;
    for (const uid of uids) {
      const told = host.presence.toldOf(uid, nowMs);
      if (told === undefined) continue;
      const refused = world.rejections(uid).slice(0, limits.gossipRejectionsMax);
      const isFull = sightings.length === limits.gossipSightingsMax;
      if (isFull || rejections.length + refused.length > limits.gossipRejectionsMax) {
        isTold = this.#tell(kind, sightings, rejections) && isTold;
        [sightings, rejections] = [[], []];
      }
      sightings.push(told);
      rejections.push(...refused.map((row) => ({ cluster: uid, row })));
    }
    return this.#tell(kind, sightings, rejections) && isTold;
  }

  #tell(kind: GossipKind, sightings: readonly ToldSighting[], rejections: readonly ToldRejection[]): boolean {
    if (this.#hasLeft) return true;
    const { line, metrics, process } = this.#deps;
    this.#no += 1;
    const message: GossipMessage = { process, no: this.#no, kind, sightings, rejections };
    const isTold = line.tell(new TextEncoder().encode(stableJson(encodeGossip(message))));
    metrics.gossipTold.add(1, { outcome: isTold ? 'told' : 'lost' });
    return isTold;
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#deps.clock.sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}
