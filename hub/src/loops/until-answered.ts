import { backoffMs, type Clock, FlotillaError, type Random } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';

/** What waiting for the bus runs on. */
export interface UntilAnsweredDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const backoff = { baseMs: 200, capMs: 5_000 };

/**
 * Asks the bus until it answers: its servers come and go while a hub starts, and elect leaders first. Rejects with what asking
 * again does not change. `what` is for people, as the end of "the bus does not answer yet".
 */
export async function untilAnswered<Answer>(
  { clock, log, random }: UntilAnsweredDeps,
  { what, ask }: { readonly what: string; readonly ask: () => Promise<Answer> },
  signal: AbortSignal,
): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const isFinal = error instanceof FlotillaError && error.retry === 'never';
      if (signal.aborted || isFinal) throw error;
      log.warn('the bus does not answer yet, asking again', { request: what, error });
    }
    await clock.sleep(backoffMs(attempt, backoff, random), signal);
  }
}
