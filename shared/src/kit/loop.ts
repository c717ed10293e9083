import type { BackoffBounds, Clock, Random } from '../base/index.ts';
import { AssertionError, backoffMs, fromUnknown, isAbort } from '../base/index.ts';
import { Alarm } from './alarm.ts';
import type { Logger } from './logger.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

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
  return new RunningLoop(options, signal);
}

class RunningLoop<Key> implements Loop<Key> {
  readonly ended: Promise<void>;
  readonly #options: LoopOptions<Key>;
  readonly #signal: AbortSignal;
  readonly #queue: WorkQueue<Key>;
  readonly #failures = new Map<Key, number>();
  readonly #running = new Set<Promise<void>>();
  /** Keys after a look, and until when they rest; all rest equally long, so the first is the first to be free. */
  readonly #resting = new Map<Key, number>();
  readonly #alarm: Alarm;
  #sleepsUntilMs = Number.POSITIVE_INFINITY;
  #busy = 0;
  #isFull = false;

  constructor(options: LoopOptions<Key>, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#queue = createWorkQueue<Key>(options.keysMax);
    this.#alarm = new Alarm(options.clock);
    this.ended = this.#run();
  }

  get size(): number {
    return this.#queue.size;
  }

  add(key: Key): boolean {
    const isAdded = this.#queue.add(key);
    const { keysMax, log, name } = this.#options;
    if (!isAdded && !this.#isFull) log.warn('loop is full: keys are dropped', { loop: name, count: keysMax });
    this.#isFull = !isAdded;
    // News of keys that are at work, at rest or in a full line wake nobody: thousands of them a second must cost nothing.
    if (this.#queue.ready > 0 && this.#hasRoom()) this.#alarm.ring();
    return isAdded;
  }

  addWithin(key: Key, ms: number): boolean {
    const dueMs = this.#options.clock.nowMs() + ms;
    const isAdded = this.#queue.addAt(key, dueMs);
    if (dueMs < this.#sleepsUntilMs) this.#alarm.ring();
    return isAdded;
  }

  #hasRoom(): boolean {
    return this.#busy < (this.#options.parallelism ?? 1);
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    // One listener for the loop's life: a composite signal for each sleep costs more than the look itself.
    this.#signal.addEventListener('abort', () => this.#alarm.ring(), { once: true });
    while (!this.#signal.aborted) {
      this.#alarm.reset();
      const restedMs = this.#endRests(clock.nowMs());
      this.#queue.promote(clock.nowMs());
      while (this.#hasRoom()) {
        const key = this.#queue.take();
        if (key === undefined) break;
        this.#busy += 1;
        const work = this.#look(key).finally(() => this.#running.delete(work));
        this.#running.add(work);
      }
      this.#sleepsUntilMs = Math.min(this.#queue.nextDueMs() ?? Number.POSITIVE_INFINITY, restedMs);
      await this.#alarm.waitUntil(this.#sleepsUntilMs);
    }
    this.#alarm.close();
    await Promise.all(this.#running);
  }

  /** Gives back the keys that have rested; returns when the next one will have, infinite when none rests. */
  #endRests(nowMs: number): number {
    for (const [key, untilMs] of this.#resting) {
      if (untilMs > nowMs) return untilMs;
      this.#resting.delete(key);
      this.#queue.finish(key);
    }
    return Number.POSITIVE_INFINITY;
  }

  async #look(key: Key): Promise<void> {
    const { clock, onOutcome, spacingMs = 0 } = this.#options;
    const startedMs = clock.nowMs();
    const outcome = await attempt(this.#options, key, this.#signal);
    // The owner of this loop is going away: what an aborted look says does not count.
    if (!this.#signal.aborted) {
      this.#schedule(key, outcome);
      onOutcome?.(key, outcome, clock.nowMs() - startedMs);
    }
    // Free before the wake-up: else the loop would find no room and sleep.
    this.#busy -= 1;
    if (spacingMs > 0) this.#resting.set(key, clock.nowMs() + spacingMs);
    else this.#queue.finish(key);
    this.#alarm.ring();
  }

  #schedule(key: Key, outcome: LoopOutcome): void {
    const { backoff, clock, log, random } = this.#options;
    const attemptNumber = this.#failures.get(key) ?? 0;
    if (outcome.kind !== 'retry') this.#failures.delete(key);
    if (outcome.kind === 'after') this.#queue.addAt(key, clock.nowMs() + outcome.ms);
    if (outcome.kind === 'stop') log.info('stopped', { key: String(key), reason: outcome.reason });
    if (outcome.kind !== 'retry') return;
    this.#failures.set(key, attemptNumber + 1);
    const delayMs = backoffMs(attemptNumber, backoff, random);
    this.#queue.addAt(key, clock.nowMs() + delayMs);
    log.warn('failed, trying again', {
      key: String(key),
      delay_ms: delayMs,
      attempt: attemptNumber + 1,
      error: outcome.error,
    });
  }
}

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
