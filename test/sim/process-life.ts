import type { Clock } from '@flotilla/shared/base';
import type { Chance } from './chance.ts';

/** One run of a program: it may die between any two of its steps, and then nothing that it does reaches the world. */
export class ProcessLife {
  readonly #ending = new AbortController();
  isDead = false;

  /** Aborted when the process is killed: its timers and readers are gone. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  kill(): void {
    this.isDead = true;
    this.#ending.abort(new DOMException('the process was killed', 'AbortError'));
  }

  /** What a dead process waits for never comes. */
  async alive<Value>(value: Promise<Value>): Promise<Value> {
    const done = await value;
    return this.isDead ? await forever : done;
  }
}

const forever = new Promise<never>(() => {});

/** What delays and loses what a process says to the world and hears of it. */
export interface Wire {
  readonly life: ProcessLife;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Until then what others wrote is not seen here. */
  stalledUntilMs: number;
  /** Share of appends whose request, or whose answer, is lost. */
  lossShare: number;
}

/** Waits as long as a message needs. */
export async function travel(wire: Wire, maxMs = 20): Promise<void> {
  await wire.life.alive(wire.clock.sleep(wire.chance.next() * maxMs, never));
}

/** Waits while the process is kept from seeing news. */
export async function untilSeen(wire: Wire, signal: AbortSignal): Promise<void> {
  const { clock } = wire;
  for (
    let waitMs = wire.stalledUntilMs - clock.nowMs();
    waitMs > 0;
    waitMs = wire.stalledUntilMs - clock.nowMs()
  )
    await clock.sleep(waitMs, signal);
}

const never = new AbortController().signal;
