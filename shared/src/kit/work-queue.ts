import { assert } from '../base/index.ts';

/**
 * Keys that wait to be looked at. A key is in it once, however often it was added; while it is being worked on, adding
 * it makes it run again afterwards, so the worker always sees the newest state and never overlaps itself.
 */
export interface WorkQueue<Key> {
  /** Puts a key in line now. False when the queue is full: the caller counts it and looks at everything again later. */
  add(key: Key): boolean;
  /** Puts a key in line at a time (monotonic); of two times the earlier one counts. False when full. */
  addAt(key: Key, dueMs: number): boolean;
  /** Moves the keys that are due into line. */
  promote(nowMs: number): void;
  /** The next key in line that nobody works on; it is the caller's until `finish`. */
  take(): Key | undefined;
  /** Gives a taken key back; it goes into line again when it was added meanwhile. */
  finish(key: Key): void;
  /** When the earliest key becomes due; undefined when none waits for a time. */
  nextDueMs(): number | undefined;
  /** Keys in line, being worked on, or waiting for a time. */
  readonly size: number;
  /** Keys in line. */
  readonly ready: number;
}

/** Makes an empty queue for at most `keysMax` keys. */
export function createWorkQueue<Key>(keysMax: number): WorkQueue<Key> {
  const line = new Set<Key>();
  const taken = new Set<Key>();
  const again = new Set<Key>();
  const due = new Map<Key, number>();

  function has(key: Key): boolean {
    return line.has(key) || taken.has(key) || due.has(key);
  }

  function size(): number {
    let waiting = 0;
    for (const key of due.keys()) if (!line.has(key) && !taken.has(key)) waiting += 1;
    return line.size + taken.size + waiting;
  }

  function isFull(key: Key): boolean {
    return !has(key) && size() >= keysMax;
  }

  function add(key: Key): boolean {
    if (isFull(key)) return false;
    due.delete(key);
    if (taken.has(key)) again.add(key);
    else line.add(key);
    return true;
  }

  return {
    add,
    addAt(key, dueMs) {
      if (isFull(key)) return false;
      if (line.has(key) || again.has(key)) return true;
      due.set(key, Math.min(dueMs, due.get(key) ?? Number.POSITIVE_INFINITY));
      return true;
    },
    promote(nowMs) {
      for (const [key, dueMs] of due) if (dueMs <= nowMs) add(key);
    },
    take() {
      const [key] = line;
      if (key === undefined) return undefined;
      line.delete(key);
      taken.add(key);
      return key;
    },
    finish(key) {
      assert(taken.delete(key), 'only a taken key is finished');
      if (again.delete(key)) line.add(key);
    },
    nextDueMs() {
      let earliest: number | undefined;
      for (const dueMs of due.values()) earliest = Math.min(dueMs, earliest ?? dueMs);
      return earliest;
    },
    get size() {
      return size();
    },
    get ready() {
      return line.size;
    },
  };
}
