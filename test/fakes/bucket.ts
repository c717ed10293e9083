import type { Bucket, BucketEntry } from '@flotilla/hub/ports';
import { assert, type Json, stableJson } from '@flotilla/shared/base';
import { changeSignal } from './change-signal.ts';

/** A bucket in memory. Any number of hubs may share it. */
export interface MemoryBucket extends Bucket {
  /** While set, every call rejects with it. */
  failure: Error | undefined;
}

interface Change {
  readonly key: string;
  /** JSON text: what is handed out is never what was handed in. Undefined = deleted. */
  readonly text: string | undefined;
  readonly revision: number;
}

/** Makes an empty bucket. */
export function memoryBucket(): MemoryBucket {
  const changes: Change[] = [];
  const newest = new Map<string, Change>();
  const changed = changeSignal();
  let failure: Error | undefined;

  function check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (failure !== undefined) throw failure;
  }

  function write(key: string, text: string | undefined, expectedRevision: number): number | undefined {
    const before = newest.get(key);
    const at = before?.text === undefined ? 0 : before.revision;
    if (at !== expectedRevision) return undefined;
    const change = { key, text, revision: changes.length + 1 };
    changes.push(change);
    newest.set(key, change);
    changed.raise();
    return change.revision;
  }

  async function* watch(signal: AbortSignal): ReturnType<Bucket['watch']> {
    check(signal);
    let next = changes.length;
    for (const { key, text, revision } of [...newest.values()].sort(byKey)) {
      yield { key, value: text === undefined ? undefined : parseValue(text), revision };
    }
    yield { kind: 'caught-up' };
    for (;;) {
      check(signal);
      const change = changes[next];
      if (change === undefined) await changed.wait(signal);
      else {
        next += 1;
        yield {
          key: change.key,
          value: change.text === undefined ? undefined : parseValue(change.text),
          revision: change.revision,
        };
      }
    }
  }

  return {
    async get(key, signal) {
      check(signal);
      return entriesOf(newest).find((entry) => entry.key === key);
    },
    async put(key, value, expectedRevision, signal) {
      check(signal);
      return write(key, stableJson(value), expectedRevision);
    },
    async remove(key, expectedRevision, signal) {
      check(signal);
      assert(expectedRevision > 0, 'only a key that exists is removed');
      return write(key, undefined, expectedRevision) !== undefined;
    },
    async list(signal) {
      check(signal);
      return entriesOf(newest);
    },
    watch,
    get failure() {
      return failure;
    },
    set failure(error) {
      failure = error;
      changed.raise();
    },
  };
}

function byKey(left: Change, right: Change): number {
  return left.key < right.key ? -1 : 1;
}

function entriesOf(newest: ReadonlyMap<string, Change>): readonly BucketEntry[] {
  return [...newest.values()]
    .flatMap(({ key, text, revision }) =>
      text === undefined ? [] : [{ key, value: parseValue(text), revision }],
    )
    .sort((left, right) => (left.key < right.key ? -1 : 1));
}

function parseValue(text: string): Json {
  return JSON.parse(text);
}
