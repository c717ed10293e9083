import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../base/index.ts';

/** Node takes larger delays for 1 ms: a longer sleep is made of several. */
const timerMsMax = 2_147_483_647;

/** The machine's time: monotonic from the process's start, and wall time. */
export function systemClock(): Clock {
  return { nowMs: () => performance.now(), wallMs: () => Date.now(), sleep };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const untilMs = performance.now() + ms;
  for (let restMs = ms; restMs > 0; restMs = untilMs - performance.now()) {
    try {
      await delay(Math.min(restMs, timerMsMax), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}
