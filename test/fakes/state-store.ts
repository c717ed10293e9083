import type { StateStore } from '@flotilla/agent/ports';
import type { Json } from '@flotilla/shared/base';

/** A state store in memory. Values pass through JSON, as they do on disk. */
export interface MemoryStateStore extends StateStore {
  /** Writes and removals since the start. */
  readonly writes: number;
  /** The stored text of a key. */
  peek(key: string): Json | undefined;
}

/** Makes an empty store. */
export function memoryStateStore(): MemoryStateStore {
  const records = new Map<string, string>();
  let writes = 0;
  return {
    damage: [],
    get writes() {
      return writes;
    },
    peek: (key) => parse(records.get(key)),
    async read(key, signal) {
      signal.throwIfAborted();
      return parse(records.get(key));
    },
    async write(key, value, signal) {
      signal.throwIfAborted();
      writes += 1;
      records.set(key, JSON.stringify(value));
    },
    async remove(key, signal) {
      signal.throwIfAborted();
      writes += 1;
      records.delete(key);
    },
    async list(prefix, signal) {
      signal.throwIfAborted();
      return [...records.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}

function parse(text: string | undefined): Json | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}
