import { type Clock, isAbort } from '@flotilla/shared/base';

/** Wakes one waiter; raised while nobody waits, the next wait ends at once. */
export class Pulse {
  #isRaised = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#isRaised = true;
    this.#wake?.();
  }

  /** Resolves with true when it was raised, false when the signal was aborted. */
  async wait(signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    this.#wake = resolve;
    signal.addEventListener('abort', stop, { once: true });
    if (!this.#isRaised && !signal.aborted) await promise;
    signal.removeEventListener('abort', stop);
    this.#wake = undefined;
    const isRaised = this.#isRaised && !signal.aborted;
    this.#isRaised = false;
    return isRaised;
  }

  /** Waits until it was raised, so much time passed, or the signal was aborted. */
  async waitAtMost(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    const slept = clock.sleep(ms, until).catch((error: unknown) => {
      if (!isAbort(error) && !until.aborted) throw error;
    });
    await Promise.race([slept, this.wait(until)]);
    over.abort();
  }
}
