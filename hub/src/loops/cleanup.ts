import type { Random } from '@flotilla/shared/base';
import { isAbort, jitter } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { EnrolDeps } from './enrol/deps.ts';
import { sweepEnrolment } from './enrol/index.ts';

/** What cleaning up needs. */
export interface CleanupDeps extends Pick<EnrolDeps, 'tokens' | 'clusters' | 'clock'> {
  readonly random: Random;
  readonly log: Logger;
}

/** Nothing that is swept harms anybody meanwhile; it only takes room. */
const everyMs = 3_600_000;

/** Removes what has ended (join tokens, forsaken names) about every hour, until the signal is aborted. Never rejects. */
export async function cleanUp(deps: CleanupDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, random } = deps;
  while (!signal.aborted) {
    try {
      await clock.sleep(jitter(everyMs, 0.2, random), signal);
      const count = await sweepEnrolment(deps, signal);
      if (count > 0) log.info('swept', { count });
    } catch (error) {
      if (!(signal.aborted && isAbort(error))) log.warn('sweeping failed, next time again', { error });
    }
  }
}
