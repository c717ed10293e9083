import type { SessionStream } from './session-stream.ts';

/** Streams stepped in one turn of the event loop. */
const sliceMax = 50;

/** Steps what changed, some streams at a time, so that a decision about everybody delays nobody's Ack. */
export class ChangedStreams {
  readonly #changed = new Set<SessionStream>();
  #isStepping = false;
  readonly #nextTurn: () => Promise<unknown>;

  /** `nextTurn` lets everything else of the process go on. */
  constructor(nextTurn: () => Promise<unknown>) {
    this.#nextTurn = nextTurn;
  }

  /** `rows` unless said: what is wanted on the cluster is read again. */
  add(stream: SessionStream, what: 'rows' | 'surroundings' = 'rows'): void {
    if (what === 'rows') stream.desired = undefined;
    this.#changed.add(stream);
  }

  delete(stream: SessionStream): void {
    this.#changed.delete(stream);
  }

  /** Resolves when nothing is left that has changed; at once when another call is at it. */
  async step(): Promise<void> {
    if (this.#isStepping) return;
    this.#isStepping = true;
    while (this.#changed.size > 0) {
      await this.#nextTurn();
      for (const stream of [...this.#changed].slice(0, sliceMax)) {
        this.#changed.delete(stream);
        stream.step({ kind: 'world' });
      }
    }
    this.#isStepping = false;
  }
}

/** Reads the log's end for streams whose agents hold what is not folded: one read answers all who asked before it. */
export class LogEndReader {
  readonly #asking = new Set<SessionStream>();
  readonly #read: () => Promise<number | undefined>;
  #isReading = false;

  /** `read` resolves to undefined when the process is going away; it waits and tries again by itself until then. */
  constructor(read: () => Promise<number | undefined>) {
    this.#read = read;
  }

  delete(stream: SessionStream): void {
    this.#asking.delete(stream);
  }

  /** Gives the stream a `log-end` later. */
  async ask(stream: SessionStream): Promise<void> {
    this.#asking.add(stream);
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#asking.size > 0) {
      const asked = [...this.#asking];
      this.#asking.clear();
      const seq = await this.#read();
      if (seq === undefined) break;
      for (const one of asked) one.step({ kind: 'log-end', seq });
    }
    this.#isReading = false;
  }
}
