import { AsyncQueue } from '@flotilla/shared/kit';

/** What the two ends of a stream do not have in common. */
export interface EndWords<Out> {
  /** Throws when the frame is larger than a frame may be. */
  readonly checkSize: (frame: Out) => void;
  /** What is thrown once the stream is over. */
  readonly gone: () => Error;
  /** What the reader is thrown when the stream broke. */
  readonly broken: () => Error;
}

/** The other end, when both are played by fakes. */
interface FarEnd<In, Out> {
  readonly frames: Pick<AsyncQueue<Out>, 'end' | 'push'>;
  hearEnd(): void;
  readonly sent: readonly In[];
}

/** One end of a stream without a network: a test plays the other one by hand, or joins two. */
export class MemoryEnd<In, Out> {
  readonly frames = new AsyncQueue<In>();
  readonly sent: Out[] = [];
  isClosed = false;
  /** While set, the other end takes nothing. */
  blocked: Promise<void> | undefined;
  #isOver = false;
  #far: FarEnd<In, Out> | undefined;
  readonly #over = Promise.withResolvers<void>();
  readonly #words: EndWords<Out>;

  constructor(words: EndWords<Out>) {
    this.#words = words;
  }

  /** What is sent comes out of the other end from now on, and the end of one is the end of both. */
  join(far: FarEnd<In, Out>): void {
    this.#far = far;
  }

  async send(frame: Out, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#words.checkSize(frame);
    while (this.blocked !== undefined && !this.#isOver) {
      const blocked = this.blocked;
      await abortable(Promise.race([blocked, this.#over.promise]), signal);
      if (this.blocked === blocked) break;
    }
    if (this.#isOver) throw this.#words.gone();
    this.sent.push(frame);
    this.#far?.frames.push(frame);
  }

  close(): void {
    if (this.#isOver) return;
    this.isClosed = true;
    this.hearEnd();
    this.#far?.hearEnd();
  }

  /** The other end ended the stream. */
  hearEnd(): void {
    this.#end();
  }

  /** The stream broke, as when the network or the other process is gone. */
  break(error: Error = this.#words.broken()): void {
    this.#end(error);
  }

  #end(error?: Error): void {
    this.#isOver = true;
    this.#over.resolve();
    this.frames.end(error);
  }
}

async function abortable(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([waiting, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
