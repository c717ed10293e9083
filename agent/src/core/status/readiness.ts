/** How ready an assignment has been at its row; all times are monotonic milliseconds. */
export interface Readiness {
  /** Since when it is Ready without a break; undefined = it is not. */
  readonly readySinceMs: number | undefined;
  /** From where its deadline counts. Moments of being Ready are no part of it, and do not make it count anew. */
  readonly troubledSinceMs: number;
}

/** Who is Ready for so long has recovered. Less is flapping: what crashes again and again is Ready in between. */
const recoveredAfterMs = 30_000;

/** Not Ready yet, at a row that came then. */
export function newReadiness(sinceMs: number): Readiness {
  return { readySinceMs: undefined, troubledSinceMs: sinceMs };
}

/** Takes in whether it is Ready now. The same object when nothing changes. */
export function trackReadiness(before: Readiness, isReady: boolean, nowMs: number): Readiness {
  const { readySinceMs, troubledSinceMs } = before;
  if (isReady) return readySinceMs === undefined ? { ...before, readySinceMs: nowMs } : before;
  if (readySinceMs === undefined) return before;
  const heldMs = nowMs - readySinceMs;
  const hasRecovered = heldMs >= recoveredAfterMs;
  return { readySinceMs: undefined, troubledSinceMs: hasRecovered ? nowMs : troubledSinceMs + heldMs };
}

/** When it has been without being Ready for as long as its deadline allows; never while it is Ready. */
export function lateAtMs({ readySinceMs, troubledSinceMs }: Readiness, deadlineMs: number): number {
  return readySinceMs === undefined ? troubledSinceMs + deadlineMs : Number.POSITIVE_INFINITY;
}
