/** A list of functions to call on a change. Listeners only enqueue; they never act. */
export interface Listeners<Value> {
  tell(value: Value): void;
  /** Returns the function that takes the listener away. */
  add(listener: (value: Value) => void): () => void;
}

/** Starts with nobody listening. */
export function listeners<Value>(): Listeners<Value> {
  const all = new Set<(value: Value) => void>();
  return {
    tell(value) {
      for (const listener of all) listener(value);
    },
    add(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
  };
}
