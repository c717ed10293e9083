import type { ValueObject } from './values.ts';
import { textAt, withValue } from './values.ts';

/** One stored change. `previous` is what the object was before; undefined for a new one. */
export interface Change {
  readonly version: number;
  readonly type: 'added' | 'modified' | 'deleted';
  /** storageKey() of the kind. */
  readonly kind: string;
  /** After the change; for `deleted` the last state at the version of the deletion. */
  readonly object: ValueObject;
  readonly previous: ValueObject | undefined;
}

/** Objects by kind and name, one version counter for all, and the last changes. Objects are never changed in place. */
export interface ObjectStore {
  /** The newest version. */
  readonly version: number;
  /** Changes after this version are still known. */
  readonly oldestVersion: number;
  get(kind: string, namespace: string | undefined, name: string): ValueObject | undefined;
  /** Sorted by namespace and name, as etcd lists. */
  list(kind: string, namespace?: string): readonly ValueObject[];
  /** Stores an object under a new version; returns it with `metadata.resourceVersion`. */
  put(kind: string, object: ValueObject): ValueObject;
  /** Takes an object away; returns its last state at the version of the deletion. */
  remove(kind: string, object: ValueObject): ValueObject;
  /** Changes after a version, oldest first. */
  changesAfter(version: number): readonly Change[];
  /** Forgets all changes, so that every older version is Expired. */
  forgetHistory(): void;
  /** Called after every change; returns the function that ends it. */
  onChange(listener: (change: Change) => void): () => void;
  /** Number of stored objects. */
  count(): number;
}

/** First version of a fresh store: versions are opaque, and a store that starts at 1 would invite arithmetic. */
const firstVersion = 100;

/** Makes an empty store that remembers `historyMax` changes. */
export function createStore(historyMax: number): ObjectStore {
  const kinds = new Map<string, Map<string, ValueObject>>();
  const listeners = new Set<(change: Change) => void>();
  let version = firstVersion;
  let forgotten = firstVersion;
  let history: Change[] = [];

  function record(change: Omit<Change, 'version'>): void {
    const entry = { ...change, version };
    history.push(entry);
    if (history.length > historyMax * 2) trim(historyMax);
    for (const listener of listeners) listener(entry);
  }

  /** Cuts in large steps, so that a change costs a constant share of it. */
  function trim(kept: number): void {
    const cut = history.length - kept;
    forgotten = history[cut - 1]?.version ?? forgotten;
    history = history.slice(cut);
  }

  return {
    get version() {
      return version;
    },
    get oldestVersion() {
      return forgotten;
    },
    get: (kind, namespace, name) => kinds.get(kind)?.get(objectName(namespace, name)),
    list(kind, namespace) {
      const objects = [...(kinds.get(kind)?.entries() ?? [])];
      const prefix = namespace === undefined ? '' : `${namespace}/`;
      return objects
        .filter(([name]) => name.startsWith(prefix))
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([, object]) => object);
    },
    put(kind, object) {
      version += 1;
      const stored = withValue(object, ['metadata', 'resourceVersion'], String(version));
      const objects = kinds.get(kind) ?? new Map<string, ValueObject>();
      kinds.set(kind, objects);
      const key = keyOf(stored);
      const previous = objects.get(key);
      objects.set(key, stored);
      record({ type: previous === undefined ? 'added' : 'modified', kind, object: stored, previous });
      return stored;
    },
    remove(kind, object) {
      version += 1;
      kinds.get(kind)?.delete(keyOf(object));
      const last = withValue(object, ['metadata', 'resourceVersion'], String(version));
      record({ type: 'deleted', kind, object: last, previous: object });
      return last;
    },
    changesAfter(after) {
      // Versions have no gaps, so the place of a change follows from its version.
      const first = history[0]?.version ?? version + 1;
      return history.slice(Math.max(0, after - first + 1));
    },
    forgetHistory: () => trim(0),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    count: () => [...kinds.values()].reduce((sum, objects) => sum + objects.size, 0),
  };
}

function keyOf(object: ValueObject): string {
  return objectName(textAt(object, 'metadata', 'namespace') || undefined, textAt(object, 'metadata', 'name'));
}

function objectName(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
