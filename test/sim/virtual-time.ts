import type { Clock } from '@flotilla/shared/base';

/** Time that only the simulation moves. What is due happens in order of time, then of asking: one thing at a time. */
export interface VirtualTime {
  readonly nowMs: number;
  /** Runs `work` after so long. */
  after(ms: number, work: () => void): void;
  /** Lets everything happen that is due within `ms`; after each thing all that follows from it without time passing. */
  run(ms: number): Promise<void>;
  /** A process's clock. */
  clock(shape?: ClockShape): Clock;
  /** Things that happened so far. */
  readonly steps: number;
}

/** How a process's clock differs from true time. */
export interface ClockShape {
  /** Wall time is so much ahead. */
  readonly skewMs?: number;
  /** A sleep may end so much late, as on a busy machine; a law of nature for whoever ticks every few milliseconds. */
  readonly lateByMs?: number;
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  /** Undefined once it was called off. */
  work: (() => void) | undefined;
}

/** What clocks on the wall show when a world begins. */
export const wallStartMs = Date.UTC(2026, 0, 1);

/** Time at 0, with nothing due. */
export function virtualTime(): VirtualTime {
  const heap: Due[] = [];
  let nowMs = 0;
  let order = 0;
  let steps = 0;

  function put(ms: number, work: () => void): Due {
    order += 1;
    const due = { atMs: nowMs + Math.max(0, ms), order, work };
    heap.push(due);
    rise(heap);
    return due;
  }

  function sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const asleep = sleepersOf(signal);
      const sleeper = {
        callOff: () => {
          due.work = undefined;
          reject(signal.reason);
        },
      };
      const due = put(ms, () => {
        asleep.delete(sleeper);
        resolve();
      });
      asleep.add(sleeper);
    });
  }

  async function run(ms: number): Promise<void> {
    const untilMs = nowMs + ms;
    await settle();
    for (let next = heap[0]; next !== undefined && next.atMs <= untilMs; next = heap[0]) {
      take(heap);
      if (next.work === undefined) continue;
      nowMs = next.atMs;
      steps += 1;
      next.work();
      await settle();
    }
    nowMs = untilMs;
  }

  return {
    get nowMs() {
      return nowMs;
    },
    get steps() {
      return steps;
    },
    after: (ms, work) => void put(ms, work),
    run,
    clock: ({ skewMs = 0, lateByMs = 0 } = {}) => ({
      nowMs: () => nowMs,
      wallMs: () => wallStartMs + nowMs + skewMs,
      sleep: (ms, signal) => sleep(ms + lateByMs, signal),
    }),
  };
}

interface Sleeper {
  readonly callOff: () => void;
}

/** Who sleeps until a signal: one listener for all of them, because hundreds sleep for as long as a process lives. */
const asleepBySignal = new WeakMap<AbortSignal, Set<Sleeper>>();

function sleepersOf(signal: AbortSignal): Set<Sleeper> {
  const known = asleepBySignal.get(signal);
  if (known !== undefined) return known;
  const asleep = new Set<Sleeper>();
  asleepBySignal.set(signal, asleep);
  signal.addEventListener('abort', () => asleep.forEach((one) => void one.callOff()), { once: true });
  return asleep;
}

/**
 * Lets everything run that needs no time. A tick comes when no promise is left to go on; turns of the event loop would cost ten
 * times as much, and nothing in a world waits for one.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function isBefore(left: Due, right: Due): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

/** Brings the last element of a binary heap to its place. */
function rise(heap: Due[]): void {
  let at = heap.length - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!swapIfBefore(heap, at, above)) return;
    at = above;
  }
}

/** Takes the first element of a binary heap away. */
function take(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const [one, other] = [heap[left], heap[right]];
    if (one === undefined) return;
    const least = other !== undefined && isBefore(other, one) ? right : left;
    if (!swapIfBefore(heap, least, at)) return;
    at = least;
  }
}

/** Puts `below` in the place of `above` when it comes first. */
function swapIfBefore(heap: Due[], below: number, above: number): boolean {
  const [low, high] = [heap[below], heap[above]];
  if (low === undefined || high === undefined || !isBefore(low, high)) return false;
  heap[below] = high;
  heap[above] = low;
  return true;
}
