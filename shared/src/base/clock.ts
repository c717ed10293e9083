/** Time as the programs see it. `nowMs` is monotonic (durations), `wallMs` is for display, certificates and windows. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back inside one process. */
  nowMs(): number;
  /** Milliseconds since 1970-01-01 UTC; may jump. */
  wallMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
