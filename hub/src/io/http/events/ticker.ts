import type { Clock } from '@flotilla/shared/base';
import type { ChangeFeed } from '../../../api-port.ts';
import type { ChangeLog } from './change-log.ts';

/** How long changes are collected before readers hear of them. */
export const coalesceMs = 250;

/** Wakes the readers of the event stream: at most once in `coalesceMs`, however much changes. */
export interface Ticker extends Disposable {
  /** Rounds so far: a reader that missed some was too slow. */
  readonly rounds: number;
  /** Sequence of the log at the last round: what came later is still being collected. */
  readonly published: number;
  /** Resolves at the next round; rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<void>;
}

/** Notes every change in the log and begins a round `coalesceMs` after the first. Costs nothing while nothing changes. */
export function startTicker(deps: {
  readonly clock: Clock;
  readonly log: ChangeLog;
  readonly changes: ChangeFeed;
}): Ticker {
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  let rounds = 0;
  let published = deps.log.sequence;
  let isCollecting = false;

  async function collect(): Promise<void> {
    isCollecting = true;
    try {
      await deps.clock.sleep(coalesceMs, closing.signal);
    } catch {
      // Only closing ends the sleep early.
      return;
    } finally {
      isCollecting = false;
    }
    rounds += 1;
    published = deps.log.sequence;
    for (const wake of [...waiting]) wake();
  }

  const unsubscribe = deps.changes.subscribe((change) => {
    deps.log.note(change);
    if (!isCollecting && !closing.signal.aborted) void collect();
  });

  return {
    get rounds() {
      return rounds;
    },
    get published() {
      return published;
    },
    next: (signal) => waitIn(waiting, signal),
    [Symbol.dispose]() {
      unsubscribe();
      closing.abort();
      waiting.clear();
    },
  };
}

function waitIn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      waiting.delete(wake);
      signal.removeEventListener('abort', onAbort);
    };
    const wake = (): void => {
      leave();
      resolve();
    };
    const onAbort = (): void => {
      leave();
      reject(signal.reason);
    };
    waiting.add(wake);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
