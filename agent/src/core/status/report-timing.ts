/** What decides when the next report goes out. All times are monotonic milliseconds. */
export interface ReportTiming {
  /** When the oldest change came that no report has told; undefined = nothing is new. */
  readonly dirtySinceMs: number | undefined;
  /** When the last report went out. */
  readonly lastMs: number;
  /** Changes within the last second. */
  readonly recentChanges: number;
}

/** A change after so long a silence is told at once (decisions, Numbers). */
const quietMs = 1_000;
const coalesceMs = 200;
/** Above so many changes a second coalescing takes longer. */
const busyChanges = 100;
const busyCoalesceMs = 1_000;
/** A report at least so often. */
const reportEveryMs = 60_000;

/** When the next report is due. */
export function nextReportMs(timing: ReportTiming): number {
  const { dirtySinceMs, lastMs } = timing;
  if (dirtySinceMs === undefined) return lastMs + reportEveryMs;
  if (dirtySinceMs - lastMs >= quietMs) return dirtySinceMs;
  return dirtySinceMs + (timing.recentChanges > busyChanges ? busyCoalesceMs : coalesceMs);
}
