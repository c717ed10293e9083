import type { Clock, ClusterUid, Random } from '@flotilla/shared/base';
import { isAbort, limits } from '@flotilla/shared/base';
import type { Logger, Metrics } from '@flotilla/shared/kit';
import { streamTimes } from '@flotilla/shared/model';
import { type AdmissionState, admitStream, fullBucket, type HubHealth } from '../core/index.ts';
import type { AgentListener, AgentStream, GossipLine } from '../ports.ts';
import { runPresenceGossip } from './presence-gossip.ts';
import { SessionHost } from './session-host.ts';
import { type SessionMetrics, sessionMetrics } from './session-metrics.ts';
import { SessionStream } from './session-stream.ts';
import type { SeenCluster, SessionWorld } from './session-world.ts';

export type { SeenCluster, SessionEvidence, SessionWorld } from './session-world.ts';

/** What the sessions of a hub process are made from. */
export interface SessionsOptions {
  readonly listener: AgentListener;
  readonly world: SessionWorld;
  /** Where the other hub processes of the fleet are heard; undefined = there can be none. */
  readonly gossip?: { readonly line: GossipLine; readonly process: string } | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** After its start a process calls no cluster offline for so long; streamTimes.startGraceMs unless said. */
  readonly startGraceMs?: number;
  /** Lets everything else of the process go on; a turn of the event loop unless said. */
  readonly nextTurn?: () => Promise<unknown>;
  /** New streams a second; limits.streamsPerSecond unless said. */
  readonly streamsPerSecond?: number;
}

/** The assignment streams of one hub process. */
export interface Sessions {
  /** Where a cluster stands by its stream. */
  seen(cluster: ClusterUid): SeenCluster;
  /** Whether this process itself seems broken. */
  readonly health: HubHealth;
  /** Open streams. */
  readonly size: number;
  /** Why this process must not speak until the epoch is raised; undefined = it may. */
  readonly logLost: string | undefined;
  /** Every row that an agent on a stream of this process provably holds. */
  held(): ReturnType<SessionHost['held']>;
  /**
   * Resolves when the signal was aborted and every stream is over: agents were asked to come back, spread over time,
   * and Acks in flight were taken. Never rejects.
   */
  readonly ended: Promise<void>;
}

/** Starts serving the agents' listener until the signal is aborted. */
export function startSessions(options: SessionsOptions, signal: AbortSignal): Sessions {
  const loop = new SessionsLoop(options, signal);
  const { host } = loop;
  return {
    seen: (cluster) => host.presence.of(cluster, options.clock.nowMs()),
    get health() {
      return host.presence.health;
    },
    get size() {
      return host.streams.size;
    },
    get logLost() {
      return host.logLost;
    },
    held: () => host.held(),
    ended: loop.run(),
  };
}

/** One look at all wake-ups: heartbeats may be that much late, and a thousand streams need no timers of their own. */
const tickMs = 250;
/** Time alone changes presence; nobody needs to know sooner. */
const sweepMs = 1_000;
const readAgainMs = 1_000;
const looksPerTick = 3;

class SessionsLoop {
  readonly host: SessionHost;
  readonly #options: SessionsOptions;
  readonly #signal: AbortSignal;
  readonly #metrics: SessionMetrics;
  readonly #running = new Set<Promise<void>>();
  readonly #rate: number;
  #admission: AdmissionState;
  /** Looks at everything since the last tick, and whether another one waits for the next. */
  #looks = 0;
  #isLookDue = false;

  constructor(options: SessionsOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#rate = options.streamsPerSecond ?? limits.streamsPerSecond;
    this.#admission = fullBucket(this.#rate, options.clock.nowMs());
    this.#metrics = sessionMetrics(options.metrics);
    this.host = new SessionHost({
      ...options,
      process: options.gossip?.process ?? 'alone',
      metrics: this.#metrics,
      track: (work) => this.#track(work),
      readLogEnd: () => this.#readLogEnd(),
    });
  }

  async run(): Promise<void> {
    const stop = this.#options.world.onChange((rowsOf) => this.#changed(rowsOf));
    const talking = this.#talk();
    this.#signal.addEventListener('abort', () => this.#drain(), { once: true });
    await Promise.all([this.#accept(), this.#tick(), talking]);
    stop();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #talk(): Promise<void> {
    const { clock, gossip, log, random, world } = this.#options;
    if (gossip === undefined) return;
    const deps = { ...gossip, host: this.host, world, clock, random, log, metrics: this.#metrics };
    await runPresenceGossip(deps, this.#signal);
  }

  async #accept(): Promise<void> {
    const streams = this.#options.listener.streams[Symbol.asyncIterator]();
    const aborted = this.#whenAborted();
    for (;;) {
      const next = await Promise.race([streams.next(), aborted]);
      if (next === undefined || next.done === true) return;
      this.#track(this.#take(next.value));
    }
  }

  async #take(stream: AgentStream): Promise<void> {
    const { state, admission } = admitStream(this.#admission, this.#rate, this.#options.clock.nowMs());
    this.#admission = state;
    if (admission.kind === 'turned-away') {
      this.#metrics.turnedAway.add();
      await turnAway(stream, admission.retryAfterMs, this.#signal);
      return;
    }
    const seed = Math.floor(this.#options.random.next() * 2 ** 32);
    const session = new SessionStream(stream, this.host, seed);
    this.host.begin(session);
    await session.run();
  }

  async #tick(): Promise<void> {
    const { clock, world } = this.#options;
    let sweepAtMs = clock.nowMs();
    while (!this.#signal.aborted || this.host.streams.size > 0) {
      const nowMs = clock.nowMs();
      for (const stream of [...this.host.streams]) {
        if (stream.wakeAtMs !== undefined && stream.wakeAtMs <= nowMs) stream.step({ kind: 'tick' });
      }
      this.#looks = 0;
      if (this.#isLookDue) {
        this.#isLookDue = false;
        this.#lookAtAll();
      }
      if (nowMs >= sweepAtMs) {
        sweepAtMs = nowMs + sweepMs;
        this.host.presence.sweep(nowMs);
        this.#metrics.peers.set(this.host.presence.peersPresent(nowMs));
        if (world.readiness().kind === 'ready') {
          this.host.registry.forget((uid) => world.cluster(uid) !== undefined);
        }
      }
      await this.#pause(tickMs);
    }
  }

  #changed(rowsOf: readonly ClusterUid[] | undefined): void {
    if (rowsOf === undefined) this.#lookAtAll();
    for (const uid of rowsOf ?? []) {
      const stream = this.host.registry.streamOf(uid);
      if (stream !== undefined) this.host.changed.add(stream);
    }
    this.#track(this.host.changed.step());
  }

  /** Every stream looks at the world again: at once, but a flood of registrations must not make it the only work. */
  #lookAtAll(): void {
    this.#looks += 1;
    if (this.#looks <= looksPerTick) this.host.touchAll();
    else this.#isLookDue = true;
  }

  /** Asks every agent to come back at the rate at which streams are admitted. */
  #drain(): void {
    let index = 0;
    for (const stream of [...this.host.streams]) {
      const reconnectAfterMs = Math.round((index / this.#rate + this.#options.random.next()) * 1_000);
      stream.step({ kind: 'drain', reconnectAfterMs, reason: 'this hub process is stopping' });
      index += 1;
    }
  }

  async #readLogEnd(): Promise<number | undefined> {
    while (!this.#signal.aborted) {
      try {
        return await this.#options.world.readLogEnd(this.#signal);
      } catch (error) {
        if (this.#signal.aborted) break;
        this.#options.log.warn('cannot read the end of the decision log', { error });
        await this.#pause(readAgainMs);
      }
    }
    return undefined;
  }

  /** Sleeps. After the abort streams still say goodbye: then nothing calls it off. */
  async #pause(ms: number): Promise<void> {
    const signal = this.#signal.aborted ? new AbortController().signal : this.#signal;
    try {
      await this.#options.clock.sleep(ms, signal);
    } catch (error) {
      if (!isAbort(error) && !this.#signal.aborted) throw error;
    }
  }

  #whenAborted(): Promise<undefined> {
    return new Promise((resolve) => {
      if (this.#signal.aborted) resolve(undefined);
      this.#signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }

  #track(work: Promise<void>): void {
    const done = work.finally(() => this.#running.delete(done));
    this.#running.add(done);
  }
}

async function turnAway(stream: AgentStream, retryAfterMs: number, signal: AbortSignal): Promise<void> {
  const text = 'too many agents at once; come back in your own slot';
  try {
    const wait = AbortSignal.any([signal, AbortSignal.timeout(streamTimes.backoffBaseMs)]);
    await stream.send({ kind: 'refused', code: 'RETRY', text, retryAfterMs }, wait);
  } catch {
    // It is gone already, or we are going: either way it comes back by its own backoff.
  }
  stream.close();
}
