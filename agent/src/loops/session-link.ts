import { describeError, isAbort } from '@flotilla/shared/base';
import type { AgentFrame, HubFrame } from '@flotilla/shared/model';
import type { HubLink, HubStream } from '../ports.ts';

/** What one attempt at a stream tells its owner. After `close` it tells nothing more. */
export interface LinkEvents {
  up(): void;
  frame(frame: HubFrame): void;
  /** `retryAfterMs` 0 = the hub said nothing. */
  down(text: string, retryAfterMs: number): void;
}

/** One attempt at a stream and, if it opens, its life. Frames leave in order. */
export class SessionLink {
  readonly #link: HubLink;
  readonly #closed = new AbortController();
  /** Aborted when a farewell takes too long. */
  readonly #gone = new AbortController();
  readonly #signal: AbortSignal;
  #stream: HubStream | undefined;
  #outbox: Promise<void> = Promise.resolve();
  #down: ((error: unknown) => void) | undefined;

  constructor(link: HubLink, signal: AbortSignal) {
    this.#link = link;
    this.#signal = AbortSignal.any([signal, this.#closed.signal]);
  }

  /** Opens and reads until the stream is over. Never rejects. */
  async run(events: LinkEvents): Promise<void> {
    let isDown = false;
    this.#down = (error) => {
      if (isDown || this.#closed.signal.aborted) return;
      isDown = true;
      events.down(error === undefined ? 'the hub ended the stream' : describeError(error), retryAfter(error));
    };
    try {
      this.#stream = await this.#link.open(this.#signal);
      events.up();
      for await (const frame of this.#stream.frames) {
        if (this.#closed.signal.aborted) break;
        events.frame(frame);
      }
      this.#down(undefined);
    } catch (error) {
      this.#down(error);
    }
    this.#stream?.close();
  }

  /** Queues a frame; the machine never has more than a handful under way. */
  send(frame: AgentFrame): void {
    this.#outbox = this.#outbox.then(() => this.#write(frame));
  }

  /** Gives up the attempt, or ends the stream after what is queued. */
  close(): void {
    if (this.#closed.signal.aborted) return;
    void this.#closeAfterOutbox();
  }

  async #closeAfterOutbox(): Promise<void> {
    const late = AbortSignal.timeout(farewellMs);
    late.addEventListener('abort', () => this.#gone.abort(), { once: true });
    this.#closed.abort();
    await this.#outbox;
    this.#stream?.close();
  }

  async #write(frame: AgentFrame): Promise<void> {
    try {
      await this.#stream?.send(frame, this.#gone.signal);
    } catch (error) {
      if (!isAbort(error)) this.#down?.(error);
    }
  }
}

/** How long a slow reader may take for the last word, an Ack perhaps. */
const farewellMs = 2_000;

/** What a link error says of when to come back. */
function retryAfter(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  return typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0;
}
