import type { Clock, Random } from '@flotilla/shared/base';
import { fullJitterMs } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { KubeObject } from '@flotilla/shared/model';
import {
  assignmentLabel,
  type Failure,
  type LiveObject,
  needsMetadataOnly,
  observeObject,
  type ServedKind,
} from '../../core/index.ts';
import { KubeError, type KubePort, type KubeSelection, type KubeWatchEvent } from '../../kube-port.ts';
import type { ApiSlots } from './api-slots.ts';
import { FeedCache, type FeedChange } from './feed-cache.ts';
import { kubeFailure } from './kube-failure.ts';
import type { WholeObjects } from './whole-objects.ts';

/** How much of a feed can be believed. */
export type FeedState =
  /** Nothing was read yet. */
  | { readonly kind: 'starting' }
  | { readonly kind: 'live' }
  /** Was live; since then the connection is lost, and the objects are the last known ones. */
  | { readonly kind: 'stale'; readonly sinceMs: number; readonly failure: Failure }
  /** Could never be read. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What a feed is made from. */
export interface FeedOptions {
  readonly kube: KubePort;
  readonly slots: ApiSlots;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly kind: ServedKind;
  /** Undefined = all namespaces. */
  readonly namespace: string | undefined;
  readonly whole: WholeObjects;
  /** Called from inside events: only enqueues. */
  readonly onChange: (change: FeedChange) => void;
  /** The feed became live, stale or failed. */
  readonly onState: (state: FeedState) => void;
}

const retryMs = { baseMs: 1_000, capMs: 30_000 };
/** A watch that ends sooner than this did not do its work: the next one waits. */
const watchMsMin = 1_000;

/**
 * All objects of one kind that carry the assignment label, kept up by one watch: read by readiness and drift alike.
 * Restarts for ever with jittered backoff; a watch that ended in order goes on where it was, a broken one lists anew.
 */
export class KindFeed {
  readonly cache: FeedCache;
  /** Resolves when the feed became live or failed for the first time. */
  readonly first: Promise<void>;
  readonly #options: FeedOptions;
  readonly #closed = new AbortController();
  readonly #markFirst: () => void;
  readonly #running: Promise<void>;
  #state: FeedState = { kind: 'starting' };
  #version: string | undefined;
  /** Ends the watch that runs now, and only that. */
  #restart = new AbortController();
  /** Somebody waits for everything to be read anew. */
  #reread: PromiseWithResolvers<void> | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.cache = new FeedCache(() => options.clock.nowMs(), options.onChange);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.first = promise;
    this.#markFirst = resolve;
    this.#running = this.#run();
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Compares with a metadata list, and reads everything anew when something was missed. */
  async resync(signal: AbortSignal): Promise<void> {
    if (this.#state.kind !== 'live') return;
    const items = await this.#fetch(true, signal);
    if (!this.cache.isSameAs(items.map((object) => observeObject(object)))) await this.#list();
  }

  /** Reads everything once more, with the fields that are to be kept by now; resolves also when that fails. */
  async reread(): Promise<void> {
    if (this.#state.kind !== 'live') return;
    if (this.#reread === undefined) {
      this.#reread = Promise.withResolvers<void>();
      this.#restart.abort();
    }
    await this.#reread.promise;
  }

  /** Ends the watch. */
  async stop(): Promise<void> {
    this.#closed.abort();
    this.#markFirst();
    this.#endReread();
    await this.#running;
  }

  async #run(): Promise<void> {
    let attempt = 0;
    while (!this.#closed.signal.aborted) {
      const startedMs = this.#options.clock.nowMs();
      const isGood = await this.#follow();
      const lastedMs = this.#options.clock.nowMs() - startedMs;
      const wasAskedFor = this.#restart.signal.aborted;
      attempt = wasAskedFor || (isGood && lastedMs >= watchMsMin) ? 0 : attempt + 1;
      // The first restart is at once: servers end watches every few minutes on purpose.
      if (attempt > 1) await this.#pause(fullJitterMs(attempt - 2, retryMs, this.#options.random));
    }
  }

  /** One list, if needed, and one watch until it ends. False when something failed. */
  async #follow(): Promise<boolean> {
    const restart = new AbortController();
    this.#restart = restart;
    const selection = this.#selection();
    try {
      if (this.#version === undefined || this.#reread !== undefined) await this.#list(selection);
      const { kube } = this.#options;
      const signal = AbortSignal.any([this.#closed.signal, restart.signal]);
      for await (const event of kube.watch(selection, this.#version ?? '', signal))
        this.#take(event, selection);
      return true;
    } catch (error) {
      if (this.#closed.signal.aborted || restart.signal.aborted) return false;
      // Expired: the state is good, only the place in the stream is lost. Anything else: read afresh to be sure.
      this.#version = undefined;
      if (!(error instanceof KubeError && error.status === 410)) this.#fail(error);
      this.#options.log.debug('watch broke', { kind: this.#options.kind.kind, error });
      return false;
    }
  }

  /** Metadata is enough of some kinds, unless a rule reads more. */
  #selection(): KubeSelection & { readonly metadataOnly: boolean } {
    const { kind, namespace, whole } = this.#options;
    return {
      kind,
      labelSelector: assignmentLabel,
      metadataOnly: needsMetadataOnly(kind) && !whole.concerns(kind),
      ...(namespace === undefined ? {} : { namespace }),
    };
  }

  /** What was read with this selection, as it is kept. */
  #observe(object: KubeObject, selection: { readonly metadataOnly: boolean }): LiveObject {
    const { kind, whole } = this.#options;
    const isWhole =
      !selection.metadataOnly && whole.includes(kind, object.metadata.labels?.[assignmentLabel]);
    return observeObject(object, isWhole);
  }

  #take(event: KubeWatchEvent, selection: { readonly metadataOnly: boolean }): void {
    if (event.kind === 'bookmark') {
      this.#version = event.resourceVersion;
      return;
    }
    const live = this.#observe(event.object, selection);
    this.#version = live.resourceVersion;
    if (event.kind === 'deleted') this.cache.leave(live);
    else this.cache.put(live);
  }

  async #list(selection = this.#selection()): Promise<void> {
    const { slots, kube } = this.#options;
    const { signal } = this.#closed;
    const asked = this.#reread;
    const answer = await slots.run(() => kube.list(selection, signal), signal);
    this.cache.replace(answer.items.map((object) => this.#observe(object, selection)));
    this.#version = answer.resourceVersion;
    this.#become({ kind: 'live' });
    // Somebody who asked while this was under way waits for the next one.
    if (asked === this.#reread) this.#endReread();
  }

  #endReread(): void {
    this.#reread?.resolve();
    this.#reread = undefined;
  }

  async #fetch(metadataOnly: boolean, signal: AbortSignal) {
    const { slots, kube } = this.#options;
    const answer = await slots.run(() => kube.list({ ...this.#selection(), metadataOnly }, signal), signal);
    return answer.items;
  }

  #fail(error: unknown): void {
    this.#endReread();
    const { kind, namespace, clock } = this.#options;
    const failure = kubeFailure(error, { verb: 'Watch', ref: { ...kind, namespace, name: '*' } });
    const before = this.#state;
    if (before.kind === 'live') this.#become({ kind: 'stale', sinceMs: clock.nowMs(), failure });
    else if (before.kind === 'stale') this.#state = { ...before, failure };
    else this.#become({ kind: 'failed', failure });
  }

  #become(state: FeedState): void {
    const isNews = this.#state.kind !== state.kind;
    this.#state = state;
    this.#markFirst();
    if (isNews) this.#options.onState(state);
  }

  async #pause(ms: number): Promise<void> {
    // Only closing interrupts the sleep.
    await this.#options.clock.sleep(ms, this.#closed.signal).catch(() => undefined);
  }
}
