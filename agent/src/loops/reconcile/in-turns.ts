import type { Clock } from '@flotilla/shared/base';

/** How long rendering may keep the event loop before other work gets its turn. */
const turnMs = 10;

/** Runs a long computation piece by piece, so that heartbeats and other assignments go on. */
export async function inTurns<T>(
  work: Generator<undefined, T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  let turnStartedMs = clock.nowMs();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (clock.nowMs() - turnStartedMs < turnMs) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    turnStartedMs = clock.nowMs();
  }
}
