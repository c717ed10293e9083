import type { BackoffBounds, Clock, Random } from '../base/index.ts';
import { AssertionError, backoffMs, fromUnknown, isAbort } from '../base/index.ts';
import type { Logger } from './logger.ts';
import { createWorkQueue } from './work-queue.ts';

/** What one look at a key came to. */
export type LoopOutcome =
  /** Nothing to do until the key is added again. */
  | { readonly kind: 'done' }
  /** Look again after so long, or sooner when the key is added. */
  | { readonly kind: 'after'; readonly ms: number }
  /** Failed; look again after a backoff that grows with each failure of this key. */
  | { readonly kind: 'retry'; readonly error: unknown }
  /** Cannot go on without a change; look again only when the key is added. */
  | { readonly kind: 'stop'; readonly reason: string };

/** What a loop is made from. */
export interface LoopOptions<Key> {
  /** For logs and metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Reads everything about the key, decides, acts. A throw counts as `retry`. */
  readonly reconcile: (key: Key, signal: AbortSignal) => Promise<LoopOutcome>;
  /** Keys worked on at the same time; 1 unless said. */
  readonly parallelism?: number;
  readonly backoff: BackoffBounds;
  /** Most keys known at the same time. */
  readonly keysMax: number;
  /**
   * Least time from the end of a look at a key to the next one; 0 unless said. The first news is looked at at once, and
   * a flood of it costs one look in that time.
   */
  readonly spacingMs?: number;
  /** Told after every look, for metrics. */
  readonly onOutcome?: (key: Key, outcome: LoopOutcome, durationMs: number) => void;
}

/** A running loop. Adding a key never runs it inside the caller: event callbacks only enqueue. */
export interface Loop<Key> {
  /** Asks for a look at the key; false when keysMax is reached. */
  add(key: Key): boolean;
  /** Asks for a look within so long: nothing that is urgent. False when keysMax is reached. */
  addWithin(key: Key, ms: number): boolean;
  /** Keys in line, at work or waiting. */
  readonly size: number;
  /** Resolves when the signal was aborted and all work has ended. Never rejects. */
  readonly ended: Promise<void>;
}

/** Starts a level-triggered loop; it ends when the signal is aborted, after what is running has returned. */
export function startLoop<Key>(options: LoopOptions<Key>, signal: AbortSignal): Loop<Key> {
  const { clock, random, log, parallelism = 1, backoff, keysMax, spacingMs = 0 } = options;
  const queue = createWorkQueue<Key>(keysMax);
  const failures = new Map<Key, number>();
  const running = new Set<Promise<void>>();
  /** Keys after a look, and until when they rest; all rest equally long, so the first is the first to be free. */
  const resting = new Map<Key, number>();
  let wake = new AbortController();
  let sleepsUntilMs = Number.POSITIVE_INFINITY;
  let busy = 0;
  let isFull = false;

  function add(key: Key): boolean {
    const isAdded = queue.add(key);
    if (!isAdded && !isFull)
      log.warn('loop is full: keys are dropped', { loop: options.name, count: keysMax });
    isFull = !isAdded;
    tellIfReady();
    return isAdded;
  }

  function addWithin(key: Key, ms: number): boolean {
    const dueMs = clock.nowMs() + ms;
    const isAdded = queue.addAt(key, dueMs);
    if (dueMs < sleepsUntilMs) tellRunner();
    return isAdded;
  }

  /** News of keys that are at work, at rest or in a full line wake nobody: thousands of them a second must cost nothing. */
  function tellIfReady(): void {
    if (queue.ready > 0 && busy < parallelism) tellRunner();
  }

  /** An abort makes an error with a stack even when it comes too late: hundreds of keys a second must not cost that. */
  function tellRunner(): void {
    if (!wake.signal.aborted) wake.abort(news);
  }

  async function look(key: Key): Promise<void> {
    const startedMs = clock.nowMs();
    const outcome = await attempt(options, key, signal);
    // The owner of this loop is going away: what an aborted look says does not count.
    if (!signal.aborted) {
      schedule(key, outcome);
      options.onOutcome?.(key, outcome, clock.nowMs() - startedMs);
    }
    // Free before the wake-up: else the loop would find no room and sleep.
    busy -= 1;
    if (spacingMs > 0) resting.set(key, clock.nowMs() + spacingMs);
    else queue.finish(key);
    tellRunner();
  }

  /** Gives back the keys that have rested; returns when the next one will have, infinite when none rests. */
  function endRests(nowMs: number): number {
    for (const [key, untilMs] of resting) {
      if (untilMs > nowMs) return untilMs;
      resting.delete(key);
      queue.finish(key);
    }
    return Number.POSITIVE_INFINITY;
  }

  function schedule(key: Key, outcome: LoopOutcome): void {
    const attemptNumber = failures.get(key) ?? 0;
    if (outcome.kind !== 'retry') failures.delete(key);
    if (outcome.kind === 'after') queue.addAt(key, clock.nowMs() + outcome.ms);
    if (outcome.kind === 'stop') log.info('stopped', { key: String(key), reason: outcome.reason });
    if (outcome.kind !== 'retry') return;
    failures.set(key, attemptNumber + 1);
    const delayMs = backoffMs(attemptNumber, backoff, random);
    queue.addAt(key, clock.nowMs() + delayMs);
    log.warn('failed, trying again', {
      key: String(key),
      delay_ms: delayMs,
      attempt: attemptNumber + 1,
      error: outcome.error,
    });
  }

  async function run(): Promise<void> {
    // One listener for the loop's life: a composite signal for each sleep costs more than the look itself.
    signal.addEventListener('abort', tellRunner, { once: true });
    while (!signal.aborted) {
      wake = new AbortController();
      const restedMs = endRests(clock.nowMs());
      queue.promote(clock.nowMs());
      while (busy < parallelism) {
        const key = queue.take();
        if (key === undefined) break;
        busy += 1;
        const work = look(key).finally(() => running.delete(work));
        running.add(work);
      }
      sleepsUntilMs = Math.min(queue.nextDueMs() ?? clock.nowMs() + foreverMs, restedMs);
      await pause(clock, sleepsUntilMs, wake.signal);
    }
    await Promise.all(running);
  }

  return {
    add,
    addWithin,
    ended: run(),
    get size() {
      return queue.size;
    },
  };
}

/** Sleeps until the time, but at most until the signal. */
async function pause(clock: Clock, untilMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(Math.max(0, untilMs - clock.nowMs()), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Why a sleep ends early; made once, because an error with a stack costs. */
const news = new Error('a key was added');

/** Longer than any program runs without a key being added. */
const foreverMs = 86_400_000;

async function attempt<Key>(options: LoopOptions<Key>, key: Key, signal: AbortSignal): Promise<LoopOutcome> {
  try {
    return await options.reconcile(key, signal);
  } catch (error) {
    if (signal.aborted && isAbort(error)) return { kind: 'done' };
    if (error instanceof AssertionError) {
      options.log.error('a rule of our own was broken', { key: String(key), error });
    }
    return { kind: 'retry', error: fromUnknown(error) };
  }
}
