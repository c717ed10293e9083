import type { Clock } from '@flotilla/shared/base';

/**
 * Calls `act` at once, and then at most once in `quietMs` however often it is asked; a call that came in between is
 * made up for at the end. Ends with the signal.
 */
export function debounce(
  act: () => void,
  options: { readonly clock: Clock; readonly quietMs: number },
  signal: AbortSignal,
): () => void {
  let isQuiet = true;
  let isWanted = false;

  async function run(): Promise<void> {
    isQuiet = false;
    do {
      isWanted = false;
      act();
      try {
        await options.clock.sleep(options.quietMs, signal);
      } catch {
        // Only the signal ends the sleep early.
        return;
      }
    } while (isWanted);
    isQuiet = true;
  }

  return () => {
    isWanted = true;
    if (isQuiet && !signal.aborted) void run();
  };
}
