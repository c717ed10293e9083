import { checkStoreKey, StoreCorruptError } from '@flotilla/agent/io/state-store';
import type { StateStore } from '@flotilla/agent/ports';
import type { Json } from '@flotilla/shared/base';

/** A state store in memory. Values pass through JSON, as they do on disk; the record before the newest is kept, too. */
export interface MemoryStateStore extends StateStore {
  /** Writes and removals since the start. */
  readonly writes: number;
  /** Called before each write: throws when the disk is full, gives a promise when it hangs. */
  beforeWrite: ((key: string) => Promise<void> | void) | undefined;
  /** The stored text of a key. */
  peek(key: string): Json | undefined;
  /** What is stored under keys of a prefix, sorted by key. */
  stored(prefix: string): readonly (readonly [key: string, value: Json | undefined])[];
  /** Spoils what is stored under a key: the newest record, or all of them. */
  tear(key: string, which: 'newest' | 'all'): void;
}

interface Versions {
  /** Undefined = torn. */
  readonly newest: string | undefined;
  /** Undefined = there is none, or it is torn. */
  readonly previous: string | undefined;
}

/** Makes an empty store. */
export function memoryStateStore(): MemoryStateStore {
  const records = new Map<string, Versions>();
  const damage: string[] = [];
  let writes = 0;
  let beforeWrite: MemoryStateStore['beforeWrite'];
  return {
    damage,
    get writes() {
      return writes;
    },
    get beforeWrite() {
      return beforeWrite;
    },
    set beforeWrite(hook) {
      beforeWrite = hook;
    },
    peek: (key) => parse(records.get(key)?.newest),
    stored: (prefix) =>
      keysUnder(records, prefix).map((key) => [key, parse(records.get(key)?.newest)] as const),
    tear(key, which) {
      const previous = which === 'all' ? undefined : records.get(key)?.previous;
      records.set(key, { newest: undefined, previous });
    },
    async read(key, signal) {
      signal.throwIfAborted();
      checkStoreKey(key);
      const found = records.get(key);
      if (found === undefined || found.newest !== undefined) return parse(found?.newest);
      if (found.previous === undefined) throw corrupt(key);
      damage.push(`record ${key} was torn; the one before it is used`);
      return parse(found.previous);
    },
    async write(key, value, signal) {
      signal.throwIfAborted();
      checkStoreKey(key);
      const waiting = beforeWrite?.(key);
      if (waiting !== undefined) await waiting;
      writes += 1;
      records.set(key, { newest: JSON.stringify(value), previous: records.get(key)?.newest });
    },
    async remove(key, signal) {
      signal.throwIfAborted();
      checkStoreKey(key);
      writes += 1;
      records.delete(key);
    },
    async list(prefix, signal) {
      signal.throwIfAborted();
      return keysUnder(records, prefix);
    },
  };
}

function keysUnder(records: ReadonlyMap<string, unknown>, prefix: string): readonly string[] {
  return [...records.keys()].filter((key) => key.startsWith(prefix)).sort();
}

function corrupt(key: string): StoreCorruptError {
  const text = `record ${key} and the one before it are unreadable`;
  return new StoreCorruptError(text, { code: 'STORE_CORRUPT', retry: 'never' });
}

function parse(text: string | undefined): Json | undefined {
  // It was written by JSON.stringify.
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}
