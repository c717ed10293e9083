import type { BackoffBounds, Clock, Random } from '../../base/index.ts';
import { FlotillaError, fullJitterMs } from '../../base/index.ts';

/** How long a question is repeated while the server is away. */
export interface AskOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly deadlineMs: number;
}

const pause: BackoffBounds = { baseMs: 50, capMs: 1_000 };

/** Asks something that changes nothing, again and again while the server is away; after the deadline the last error is thrown. */
export async function askAgain<Answer>(
  ask: () => Promise<Answer>,
  { clock, random, deadlineMs }: AskOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const endMs = clock.nowMs() + deadlineMs;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (caught) {
      const mayPass = caught instanceof FlotillaError && caught.retry !== 'never';
      if (!mayPass || clock.nowMs() >= endMs) throw caught;
    }
    await clock.sleep(fullJitterMs(attempt, pause, random), signal);
  }
}
