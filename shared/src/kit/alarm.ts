import type { Clock } from '../base/index.ts';

/**
 * What one runner waits for: that it is rung for, or a time. Hundreds of keys a second ring, and a sleep that is called off costs
 * an error and an event each time: so a sleep goes on while the runner works, and is called off only for an earlier one.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #isRung = false;
  #wake: (() => void) | undefined;
  #sleep: { readonly untilMs: number; readonly calledOff: AbortController } | undefined;
  #isIdle = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes who waits, and the next one who does without a reset before. */
  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** What rang so far is known. */
  reset(): void {
    this.#isRung = false;
  }

  /** Resolves when it has rung since the reset, and at the latest at the time; perhaps earlier. */
  async waitUntil(untilMs: number): Promise<void> {
    if (this.#isRung) return;
    if (untilMs === Number.POSITIVE_INFINITY) this.#keepAwake();
    else if (this.#sleep === undefined || untilMs < this.#sleep.untilMs) this.#set(untilMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  /** Nobody waits any more: what sleeps is called off. */
  close(): void {
    this.#closing.abort(earlier);
    this.#sleep?.calledOff.abort(earlier);
  }

  #set(untilMs: number): void {
    this.#sleep?.calledOff.abort(earlier);
    const sleep = { untilMs, calledOff: new AbortController() };
    this.#sleep = sleep;
    const over = (): void => {
      if (this.#sleep !== sleep) return;
      this.#sleep = undefined;
      this.ring();
    };
    // A clock that fails wakes the runner, too: it looks, and sets the alarm again.
    const ms = Math.max(0, untilMs - this.#clock.nowMs());
    this.#clock.sleep(ms, sleep.calledOff.signal).then(over, over);
  }

  /** A program whose loops have nothing to do goes on all the same: a sleep keeps it. */
  #keepAwake(): void {
    if (this.#isIdle) return;
    this.#isIdle = true;
    const over = (): void => {
      this.#isIdle = false;
      this.ring();
    };
    this.#clock.sleep(foreverMs, this.#closing.signal).then(over, over);
  }
}

/** Longer than most programs run without a key being added. */
const foreverMs = 86_400_000;

/** Why a sleep is called off; made once, because an error with a stack costs. */
const earlier = new Error('something is due earlier');
