import type { Clock } from '@flotilla/shared/base';

/** A sleep that can be cut short: for loops that wait for a time or for news. */
export interface WakeUp {
  /** Ends the current sleep, or the next one if nobody sleeps now. */
  wake(): void;
  /** Sleeps until the (monotonic) time, a wake-up, or the signal. Never rejects. */
  until(timeMs: number, signal: AbortSignal): Promise<void>;
}

const reason = new Error('there is news');

/** Makes a wake-up. */
export function createWakeUp(clock: Clock): WakeUp {
  let alarm = new AbortController();
  return {
    // Waking twice must not cost twice: an abort makes an error with a stack, whether anybody sleeps or not.
    wake() {
      if (!alarm.signal.aborted) alarm.abort(reason);
    },
    async until(timeMs, signal) {
      // One signal for both ways of ending early: a composite one costs more than the sleep.
      const stop = alarm;
      const end = (): void => stop.abort(reason);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      // Ending early is no failure.
      await clock.sleep(Math.max(0, timeMs - clock.nowMs()), stop.signal).catch(() => undefined);
      signal.removeEventListener('abort', end);
      if (stop.signal.aborted) alarm = new AbortController();
    },
  };
}
