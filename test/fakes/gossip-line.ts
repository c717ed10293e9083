import type { GossipLine } from '@flotilla/hub/ports';
import { limits } from '@flotilla/shared/base';
import { AsyncQueue } from '@flotilla/shared/kit';

/** The bus between hub processes in memory: each process opens a line of its own. */
export interface MemoryGossip {
  /** One process's line. `isCut` = it neither tells nor hears, as one whose bus is away. */
  open(): GossipLine & { isCut: boolean };
  /** What carries a message to one listener; at once unless a test delays, repeats or loses it. */
  carry: (deliver: () => void) => void;
}

/** Makes a bus with nobody on it. */
export function memoryGossip(): MemoryGossip {
  const lines = new Set<MemoryLine>();
  const bus: MemoryGossip = {
    carry: (deliver) => deliver(),
    open() {
      const line = new MemoryLine((payload) => {
        for (const other of lines) bus.carry(() => other.take(payload));
      });
      lines.add(line);
      return line;
    },
  };
  return bus;
}

class MemoryLine implements GossipLine {
  isCut = false;
  readonly #all: (payload: Uint8Array) => void;
  readonly #readers = new Set<AsyncQueue<Uint8Array>>();

  constructor(all: (payload: Uint8Array) => void) {
    this.#all = all;
  }

  tell(payload: Uint8Array): boolean {
    if (!this.isCut) this.#all(payload);
    return !this.isCut;
  }

  take(payload: Uint8Array): void {
    if (this.isCut) return;
    for (const reader of this.#readers) if (reader.size < limits.gossipBacklogMax) reader.push(payload);
  }

  async *hear(signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    signal.throwIfAborted();
    const heard = new AsyncQueue<Uint8Array>();
    this.#readers.add(heard);
    const abort = (): void => heard.end(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      yield* heard;
    } finally {
      this.#readers.delete(heard);
      signal.removeEventListener('abort', abort);
    }
  }
}
