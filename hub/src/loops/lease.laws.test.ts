import type { PlacementName } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { type ManualClock, manualClock } from '@flotilla/shared/kit/manual-clock';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryBucket } from '../../../test/fakes/index.ts';
import { leaseTimes, overdueMs } from '../core/index.ts';
import { startLease } from './lease.ts';
import { LookTurn } from './look-turn.ts';

const shop = 'shop' as PlacementName;
const lookEveryMs = 500;
/** A process that is deaf is fit in its own eyes, keeps the lease, and decides nothing. */
type Trouble = 'dies' | 'is unfit' | 'is deaf' | 'is well';

interface Process {
  readonly name: string;
  readonly turn: LookTurn;
  readonly die: () => Promise<void>;
  state: Trouble;
}

/** One placement of which the next decision is always due, and processes that look at it by the lease. */
class Fleet {
  readonly clock: ManualClock = manualClock();
  readonly all: readonly Process[];
  readonly #meta = memoryBucket();
  #lastSeq = 1;
  #decidedAtMs = 0;
  /** Longest time that a decision was due. */
  longestMs = 0;

  constructor(names: readonly string[]) {
    this.all = names.map((name) => this.#process(name));
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= lookEveryMs) {
      await this.clock.advance(lookEveryMs);
      for (const one of this.all) if (this.#decides(one)) this.#decide();
      this.longestMs = Math.max(this.longestMs, this.clock.nowMs() - this.#decidedAtMs);
    }
  }

  async end(): Promise<void> {
    for (const one of this.all) await one.die();
  }

  #decides({ state, turn }: Process): boolean {
    if (state !== 'is well') return false;
    const look = { isDue: true, lastSeq: this.#lastSeq };
    return turn.leftUntilMs(shop, look, this.clock.wallMs()) === undefined;
  }

  #decide(): void {
    this.#lastSeq += 1;
    this.#decidedAtMs = this.clock.nowMs();
  }

  #process(name: string): Process {
    const stopping = new AbortController();
    const canDecide = () => one.state !== 'is unfit';
    const deps = { meta: this.#meta, process: name, canDecide, clock: this.clock, log: silentLogger };
    const lease = startLease(deps, stopping.signal);
    const die = () => {
      stopping.abort();
      return lease.ended;
    };
    const one: Process = { name, turn: new LookTurn(lease), die, state: 'is well' };
    return one;
  }
}

const happening = (troubles: readonly Trouble[]) =>
  fc.record({
    who: fc.integer({ min: 0, max: 1 }),
    becomes: fc.constantFrom(...troubles),
    passesMs: fc.integer({ min: 1, max: 40 }).map((steps) => steps * lookEveryMs),
  });

async function live(
  fleet: Fleet,
  happenings: readonly { readonly who: number; readonly becomes: Trouble; readonly passesMs: number }[],
): Promise<void> {
  for (const { becomes, passesMs, who } of happenings) {
    const one = fleet.all[who]!;
    if (one.state !== 'dies') one.state = becomes;
    if (becomes === 'dies') await one.die();
    await fleet.pass(passesMs);
  }
}

/** With the last process always well, and the lease in the hands of the first one. */
async function withFleet(work: (fleet: Fleet) => Promise<void>): Promise<void> {
  const fleet = new Fleet(['a', 'b', 'c']);
  try {
    await fleet.pass(1_000);
    await work(fleet);
  } finally {
    await fleet.end();
  }
}

it('I15: whoever has the lease, dead, unfit or deaf, what is due waits no longer for it than ten seconds', async () => {
  const happenings = fc.array(happening(['dies', 'is unfit', 'is deaf', 'is well']), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(happenings, async (all) => {
      await withFleet(async (fleet) => {
        await live(fleet, all);
        // One look late to see that it is due, and one to see that it is overdue.
        expect(fleet.longestMs).toBeLessThanOrEqual(overdueMs + 2 * lookEveryMs);
      });
    }),
    { numRuns: 40 },
  );
});

it('I15: a lease whose holder died, or can decide no more, delays nothing once it is stale', async () => {
  const happenings = fc.array(happening(['dies', 'is unfit', 'is well']), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(happenings, async (all) => {
      await withFleet(async (fleet) => {
        await live(fleet, all);
        await fleet.pass(leaseTimes.staleMs + 2 * leaseTimes.readMs + overdueMs);
        fleet.longestMs = 0;
        await fleet.pass(10_000);
        expect(fleet.longestMs).toBeLessThanOrEqual(lookEveryMs);
      });
    }),
    { numRuns: 40 },
  );
});
