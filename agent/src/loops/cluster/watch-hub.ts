import type { PlacementName } from '@flotilla/shared/base';
import { parsePlacementName } from '@flotilla/shared/base';
import type { KubeObject, ObjectTarget } from '@flotilla/shared/model';
import { groupKindKey, refOf } from '@flotilla/shared/model';
import { assignmentLabel, type LiveObject, observeObject, type ServedKind } from '../../core/index.ts';
import type { FeedChange, FeedObject } from './feed-cache.ts';
import { type FeedOptions, type FeedState, KindFeed } from './kind-feed.ts';
import { WholeObjects } from './whole-objects.ts';

/** What is to be watched: a kind, and the namespaces in which it matters if it cannot be watched everywhere. */
export interface WatchNeed {
  readonly kind: ServedKind;
  readonly namespaces: ReadonlySet<string>;
}

/** What the hub is made from. */
export type WatchHubOptions = Omit<FeedOptions, 'kind' | 'namespace' | 'whole' | 'onChange' | 'onState'> & {
  /** Objects of these placements changed. Only enqueues. */
  readonly onChange: (placements: readonly PlacementName[], change: FeedChange) => void;
  /** A kind became readable or unreadable. Only enqueues. */
  readonly onState: (kind: ServedKind, state: FeedState) => void;
};

/** The feeds of one kind: one for everything, or one for each namespace where the agent may not see everything. */
interface KindEntry {
  readonly kind: ServedKind;
  readonly wide: KindFeed;
  readonly byNamespace: Map<string, KindFeed>;
}

/** All watches of the agent: one for each kind that any assignment uses. */
export class WatchHub {
  readonly #options: WatchHubOptions;
  readonly #entries = new Map<string, KindEntry>();
  /** Labelled objects by placement. */
  readonly #byPlacement = new Map<string, Map<string, LiveObject>>();
  readonly #whole = new WholeObjects();

  constructor(options: WatchHubOptions) {
    this.#options = options;
  }

  /** Starts what is missing and waits until each need was read once or failed. */
  async ensure(needs: readonly WatchNeed[], signal: AbortSignal): Promise<void> {
    const feeds = needs.map((need) => this.#entryFor(need.kind).wide.first);
    await untilAborted(Promise.all(feeds), signal);
    const narrow = needs.flatMap((need) => this.#narrow(need));
    await untilAborted(Promise.all(narrow.map((feed) => feed.first)), signal);
  }

  /** From now on the objects of a placement that rules may be about are kept with all their fields. */
  keepWhole(placement: PlacementName, targets: readonly ObjectTarget[]): void {
    this.#whole.set(placement, targets);
  }

  /** Reads once more what was kept in part before a rule came; what cannot be read stays as it is. */
  async readWhole(placement: PlacementName, signal: AbortSignal): Promise<void> {
    const feeds = this.labelled(placement)
      .filter((live) => !live.isWhole && this.#whole.includes(live.ref, placement))
      .map((live) => this.#feedFor(groupKindKey(live.ref), live.ref.namespace));
    await untilAborted(Promise.all([...new Set(feeds)].map((feed) => feed?.reread())), signal);
  }

  /** A whole object that the API server sent, as the feeds keep it. */
  observe(object: KubeObject): LiveObject {
    return observeObject(
      object,
      this.#whole.includes(refOf(object), object.metadata.labels?.[assignmentLabel]),
    );
  }

  /** The state of the feed that covers a place; undefined = not watched. */
  stateOf(kind: string, namespace: string | undefined): FeedState | undefined {
    return this.#feedFor(kind, namespace)?.state;
  }

  /** A labelled object; undefined = no labelled object of this name is known. */
  find(kind: string, namespace: string | undefined, key: string): FeedObject | undefined {
    return this.#feedFor(kind, namespace)?.cache.objects.get(key);
  }

  /** All labelled objects of an assignment. */
  labelled(placement: string): readonly LiveObject[] {
    return [...(this.#byPlacement.get(placement)?.values() ?? [])];
  }

  /** The cache that an own write on a kind belongs into; undefined = the kind is not watched. */
  cacheFor(kind: string, namespace: string | undefined) {
    return this.#feedFor(kind, namespace)?.cache;
  }

  /** Kinds watched now. */
  get kinds(): readonly ServedKind[] {
    return [...this.#entries.values()].map((entry) => entry.kind);
  }

  /** Number of objects kept. */
  get size(): number {
    let size = 0;
    for (const objects of this.#byPlacement.values()) size += objects.size;
    return size;
  }

  /** Compares everything with the server, one kind after the other. Failures show in the feeds' states. */
  async resync(signal: AbortSignal): Promise<void> {
    for (const feed of this.#feeds()) await feed.resync(signal).catch(() => undefined);
  }

  /** Stops the watches of kinds that nobody uses any more. */
  async retain(used: ReadonlySet<string>): Promise<void> {
    for (const [key, entry] of [...this.#entries]) {
      if (used.has(key) || entry.wide.cache.objects.size > 0) continue;
      await this.#drop(key, entry);
    }
  }

  /**
   * Forgets kinds that are gone for sure, and their objects. An API server leaves the watch of a deleted definition open
   * for a while, and an object that was made while the definition went stays in what it showed; nobody can delete it.
   */
  async forget(gone: readonly string[]): Promise<void> {
    for (const key of gone) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      await this.#drop(key, entry);
      for (const objects of this.#byPlacement.values())
        for (const live of objects.values()) if (groupKindKey(live.ref) === key) objects.delete(live.key);
    }
  }

  async #drop(key: string, { wide, byNamespace }: KindEntry): Promise<void> {
    this.#entries.delete(key);
    await Promise.all([wide, ...byNamespace.values()].map((feed) => feed.stop()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#feeds()].map((feed) => feed.stop()));
  }

  *#feeds(): Generator<KindFeed> {
    for (const { wide, byNamespace } of this.#entries.values()) {
      yield wide;
      yield* byNamespace.values();
    }
  }

  #entryFor(kind: ServedKind): KindEntry {
    const key = groupKindKey(kind);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry = { kind, wide: this.#startFeed(kind, undefined), byNamespace: new Map<string, KindFeed>() };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Where the agent may not watch a kind everywhere, it watches it in the namespaces that matter. */
  #narrow(need: WatchNeed): readonly KindFeed[] {
    const entry = this.#entryFor(need.kind);
    if (!need.kind.isNamespaced || !isForbidden(entry.wide.state)) return [];
    return [...need.namespaces].map((namespace) => {
      const known = entry.byNamespace.get(namespace);
      if (known !== undefined) return known;
      const feed = this.#startFeed(need.kind, namespace);
      entry.byNamespace.set(namespace, feed);
      return feed;
    });
  }

  #feedFor(kind: string, namespace: string | undefined): KindFeed | undefined {
    const entry = this.#entries.get(kind);
    const narrow = namespace === undefined ? undefined : entry?.byNamespace.get(namespace);
    return entry !== undefined && narrow !== undefined && isForbidden(entry.wide.state)
      ? narrow
      : entry?.wide;
  }

  #startFeed(kind: ServedKind, namespace: string | undefined): KindFeed {
    const { onState, onChange: _onChange, ...common } = this.#options;
    return new KindFeed({
      ...common,
      kind,
      namespace,
      whole: this.#whole,
      onChange: (change) => this.#take(change),
      onState: (state) => onState(kind, state),
    });
  }

  #take(change: FeedChange): void {
    const { before, after } = change;
    if (before?.assignment !== undefined && before.assignment !== after?.assignment)
      this.#byPlacement.get(before.assignment)?.delete(before.key);
    if (after?.assignment !== undefined) this.#indexFor(after.assignment).set(after.key, after);
    const names = new Set([before?.assignment, after?.assignment]);
    // A label that is no placement name was written by somebody else: nobody's business.
    const placements = [...names].flatMap((name) => {
      const parsed = parsePlacementName(name ?? '');
      return parsed.ok ? [parsed.value] : [];
    });
    this.#options.onChange(placements, change);
  }

  #indexFor(placement: string): Map<string, LiveObject> {
    const known = this.#byPlacement.get(placement);
    if (known !== undefined) return known;
    const made = new Map<string, LiveObject>();
    this.#byPlacement.set(placement, made);
    return made;
  }
}

function isForbidden(state: FeedState): boolean {
  return state.kind === 'failed' && state.failure.reason.code === 'WatchForbidden';
}

/** Waits for work that does not listen to the signal itself. */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
