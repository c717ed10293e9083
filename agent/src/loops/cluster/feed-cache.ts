import type { LiveObject } from '../../core/index.ts';

/** A labelled object of one kind, with the times that only we know. */
export interface FeedObject {
  readonly live: LiveObject;
  /** Monotonic: when this object (its uid) was first seen. */
  readonly seenAtMs: number;
  /** Monotonic: since when it is being deleted. */
  readonly deletingSinceMs: number | undefined;
}

/** One object changed, came or went. */
export interface FeedChange {
  readonly before: LiveObject | undefined;
  readonly after: LiveObject | undefined;
}

/** The labelled objects of one kind as last seen, whether by the watch or by the answer to an own write. */
export class FeedCache {
  readonly objects = new Map<string, FeedObject>();
  readonly #nowMs: () => number;
  readonly #onChange: (change: FeedChange) => void;

  constructor(nowMs: () => number, onChange: (change: FeedChange) => void) {
    this.#nowMs = nowMs;
    this.#onChange = onChange;
  }

  /** Takes an object in unless a newer state of it is known. */
  put(live: LiveObject): void {
    const before = this.objects.get(live.key);
    const isSame = before?.live.uid === live.uid;
    if (isSame && isOlder(live.resourceVersion, before.live.resourceVersion)) return;
    const sinceMs = isSame ? before.deletingSinceMs : undefined;
    this.objects.set(live.key, {
      live,
      seenAtMs: isSame ? before.seenAtMs : this.#nowMs(),
      deletingSinceMs: live.isDeleting ? (sinceMs ?? this.#nowMs()) : undefined,
    });
    if (before?.live.resourceVersion !== live.resourceVersion)
      this.#onChange({ before: before?.live, after: live });
  }

  /** The object left the selection; an older goodbye than what is known is ignored: it was applied again since. */
  leave(live: LiveObject): void {
    const known = this.objects.get(live.key)?.live;
    if (known?.uid !== live.uid || isOlder(live.resourceVersion, known.resourceVersion)) return;
    this.drop(live.key);
  }

  /** Takes an object out. */
  drop(key: string): void {
    const before = this.objects.get(key);
    if (before === undefined) return;
    this.objects.delete(key);
    this.#onChange({ before: before.live, after: undefined });
  }

  /** Everything that exists: what is not in it has gone. */
  replace(all: readonly LiveObject[]): void {
    const seen = new Set(all.map((live) => live.key));
    for (const live of all) this.put(live);
    for (const key of [...this.objects.keys()]) if (!seen.has(key)) this.drop(key);
  }

  /** An own delete was accepted: the object goes, whether the watch said so yet or not. */
  markDeleting(key: string, uid: string): void {
    const known = this.objects.get(key);
    if (known?.live.uid !== uid || known.live.isDeleting) return;
    const live = { ...known.live, isDeleting: true };
    this.objects.set(key, { ...known, live, deletingSinceMs: this.#nowMs() });
  }

  /** Whether a complete list (metadata is enough) tells nothing new. */
  isSameAs(all: readonly LiveObject[]): boolean {
    if (all.length !== this.objects.size) return false;
    return all.every((live) => {
      const known = this.objects.get(live.key)?.live;
      return known?.uid === live.uid && !isOlder(known.resourceVersion, live.resourceVersion);
    });
  }
}

/** Whether a resource version is older than another: they are decimal numbers that grow (KEP-5504). */
function isOlder(left: string, right: string): boolean {
  return left.length === right.length ? left < right : left.length < right.length;
}
