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
      const stop = AbortSignal.any([signal, alarm.signal]);
      // Both ways of ending early are no failures.
      await clock.sleep(Math.max(0, timeMs - clock.nowMs()), stop).catch(() => undefined);
      if (alarm.signal.aborted) alarm = new AbortController();
    },
  };
}
