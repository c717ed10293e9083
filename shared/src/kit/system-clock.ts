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
    signal.throwIfAborted();
    await delay(Math.min(restMs, timerMsMax), signal);
  }
}

/** Not that of node:timers/promises: it makes an error with a stack of its own for each sleep that ends early. */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
