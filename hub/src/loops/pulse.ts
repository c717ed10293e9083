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
    const stop = (): void => over.abort(enough);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const slept = clock.sleep(ms, over.signal).catch((error: unknown) => {
      if (!isAbort(error) && !over.signal.aborted) throw error;
    });
    await Promise.race([slept, this.wait(over.signal)]);
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Made once: an abort without a reason makes an error with a stack each time. */
const enough = new DOMException('waited long enough', 'AbortError');
