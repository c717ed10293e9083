/** A map that forgets what was not used for longest once the sizes of its values exceed a bound. */
export interface ByteBoundedCache<Key, Value> {
  get(key: Key): Value | undefined;
  /** Also counts as a use. A value larger than the whole bound is not kept. */
  set(key: Key, value: Value): void;
  has(key: Key): boolean;
  delete(key: Key): void;
  readonly bytes: number;
  readonly size: number;
}

/** Makes one. `sizeOf` gives a value's bytes and must not change its mind. */
export function byteBoundedCache<Key, Value>(
  bytesMax: number,
  sizeOf: (value: Value) => number,
): ByteBoundedCache<Key, Value> {
  // A Map keeps insertion order: re-inserting on use makes the first key the least recently used.
  const values = new Map<Key, Value>();
  let bytes = 0;
  function remove(key: Key): void {
    const value = values.get(key);
    if (value === undefined) return;
    bytes -= sizeOf(value);
    values.delete(key);
  }
  return {
    get(key) {
      const value = values.get(key);
      if (value === undefined) return undefined;
      values.delete(key);
      values.set(key, value);
      return value;
    },
    set(key, value) {
      remove(key);
      if (sizeOf(value) > bytesMax) return;
      values.set(key, value);
      bytes += sizeOf(value);
      for (const oldest of values.keys()) {
        if (bytes <= bytesMax) break;
        remove(oldest);
      }
    },
    has: (key) => values.has(key),
    delete: remove,
    get bytes() {
      return bytes;
    },
    get size() {
      return values.size;
    },
  };
}
