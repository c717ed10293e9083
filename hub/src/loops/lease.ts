import { type Clock, isAbort, type Json } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import { foldLease, type Lease, leaseTimes, leavesItUntilMs, shouldWriteLease } from '../core/index.ts';
import type { Bucket } from '../ports.ts';

/** What the lease loop runs on. */
export interface LeaseDeps {
  /** Bucket flotilla-meta. */
  readonly meta: Bucket;
  /** Name of this process. */
  readonly process: string;
  /** Whether this process knows enough to decide. */
  readonly canDecide: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The lease as this process uses it. */
export interface LookLease {
  /** How long to leave looking to another process, milliseconds; 0 = look now. */
  leavesItForMs(): number;
  /** Resolves when the signal was aborted. Never rejects. */
  readonly ended: Promise<void>;
}

const leaseKey = 'lease';
const formatNow = 1;

/** Keeps reading the lease of the fleet, and writes it while this process holds it or nobody does. */
export function startLease(deps: LeaseDeps, signal: AbortSignal): LookLease {
  const loop = new LeaseLoop(deps);
  return {
    leavesItForMs: () => loop.leavesItForMs(),
    ended: loop.run(signal),
  };
}

class LeaseLoop {
  readonly #deps: LeaseDeps;
  #lease: Lease | undefined;

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
  }

  leavesItForMs(): number {
    const nowMs = this.#deps.clock.nowMs();
    return Math.max(0, leavesItUntilMs(this.#lease, this.#deps.process, nowMs) - nowMs);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.#look(signal);
      } catch (error) {
        // Without the bus nothing can be decided; the lease ages meanwhile.
        if (!signal.aborted) log.debug('the lease cannot be read or written', { error });
      }
      try {
        await clock.sleep(leaseTimes.readMs, signal);
      } catch (error) {
        if (!isAbort(error)) throw error;
      }
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { canDecide, clock, log, meta, process } = this.#deps;
    const entry = await meta.get(leaseKey, signal);
    const before = this.#lease;
    this.#lease = foldLease(before, entry && recordOf(entry.value, entry.revision), clock.nowMs());
    if (!shouldWriteLease(this.#lease, { self: process, canDecide: canDecide() }, clock.nowMs())) return;
    const revision = await meta.put(
      leaseKey,
      { format: formatNow, holder: process },
      entry?.revision ?? 0,
      signal,
    );
    if (revision === undefined) return;
    if (this.#lease?.holder !== process) log.info('this process looks for decisions from now on');
    this.#lease = { holder: process, revision, seenMs: clock.nowMs() };
  }
}

/** The holder of a record; one of another format has a holder that nobody is, so it holds others back while it is written. */
function recordOf(value: Json, revision: number): Pick<Lease, 'holder' | 'revision'> {
  const holder =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Reflect.get(value, 'holder')
      : undefined;
  return { holder: typeof holder === 'string' ? holder : '', revision };
}
