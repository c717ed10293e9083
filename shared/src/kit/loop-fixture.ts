import { seededRandom } from '../base/index.ts';
import { silentLogger } from './logger.ts';
import { type LoopOptions, type LoopOutcome, startLoop } from './loop.ts';
import { manualClock } from './manual-clock.ts';

/** Nothing to do. */
export const done: LoopOutcome = { kind: 'done' };

/** A loop on a clock that a test moves. */
export function world(options: Pick<LoopOptions<string>, 'reconcile'> & Partial<LoopOptions<string>>) {
  const clock = manualClock();
  const stop = new AbortController();
  const loop = startLoop<string>(
    {
      name: 'test',
      clock,
      random: seededRandom(1),
      log: silentLogger,
      backoff: { baseMs: 100, capMs: 1_000 },
      keysMax: 10,
      ...options,
    },
    stop.signal,
  );
  return { clock, stop, loop };
}
