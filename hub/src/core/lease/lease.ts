/** Times of the lease that names the hub process which looks for decisions, milliseconds. */
export const leaseTimes = {
  /** Its holder writes it again so often. */
  renewMs: 3_000,
  /** Every process reads it so often. */
  readMs: 1_500,
  /** One that was not written for so long holds nobody back. */
  staleMs: 10_000,
} as const;

/** The lease as a process last saw it. Its age is counted from when this process first saw the writing: clocks are not compared. */
export interface Lease {
  readonly holder: string;
  /** Revision of the record. */
  readonly revision: number;
  /** When this process first saw that revision, monotonic milliseconds. */
  readonly seenMs: number;
}

/** Takes a reading of the record; undefined = there is none. */
export function foldLease(
  lease: Lease | undefined,
  record: Pick<Lease, 'holder' | 'revision'> | undefined,
  nowMs: number,
): Lease | undefined {
  if (record === undefined) return undefined;
  if (lease?.revision === record.revision) return lease;
  return { ...record, seenMs: nowMs };
}

/**
 * Until when a process leaves looking to another one; a time that has passed = it looks itself. Only work is saved by it:
 * what is appended is conditional, so two that look at once do no harm.
 */
export function leavesItUntilMs(lease: Lease | undefined, self: string, nowMs: number): number {
  return lease === undefined || lease.holder === self ? nowMs : lease.seenMs + leaseTimes.staleMs;
}

/** Whether a process should write the lease now: to keep it, or to take one that nobody keeps. Only one that can decide does. */
export function shouldWriteLease(
  lease: Lease | undefined,
  { self, canDecide }: { readonly self: string; readonly canDecide: boolean },
  nowMs: number,
): boolean {
  if (!canDecide) return false;
  if (lease === undefined) return true;
  const ageMs = nowMs - lease.seenMs;
  return ageMs >= (lease.holder === self ? leaseTimes.renewMs : leaseTimes.staleMs);
}

/**
 * For how long a decision may be due without being made by the process that looks, before any other makes it: one that keeps
 * its lease and decides nothing must not stop the fleet.
 */
export const overdueMs = 10_000;

/** A decision that is due by the evidence of a process that leaves looking to another one. */
export interface DueDecision {
  /** Last sequence of the placement's log when it was first due. */
  readonly lastSeq: number;
  /** Since when it has been, wall clock milliseconds. */
  readonly sinceMs: number;
}

/** Takes another look at which a decision of the placement is due; one that was made since begins anew. */
export function stillDue(due: DueDecision | undefined, lastSeq: number, nowMs: number): DueDecision {
  return due?.lastSeq === lastSeq ? due : { lastSeq, sinceMs: nowMs };
}
