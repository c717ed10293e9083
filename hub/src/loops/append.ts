import type { Clock, EventId } from '@flotilla/shared/base';
import { type Actor, type Decision, decisionFormat, type EvidenceSummary } from '@flotilla/shared/model';
import type { AppendOutcome, DecisionLog } from '../ports.ts';
import type { Fleet } from './fleet.ts';

/** What every loop that decides needs. */
export interface DecidingDeps {
  readonly fleet: Fleet;
  readonly decisions: DecisionLog;
  readonly clock: Clock;
  readonly newEventId: () => EventId;
}

/** A decision before it has an id and a time. */
export interface NewDecision {
  readonly subject: string;
  readonly actor: Actor;
  readonly expectedSeq: number;
  readonly evidence: EvidenceSummary | undefined;
  readonly payload: Decision;
}

/** Subject of what is in force of Git. */
export const controlSubject = 'flotilla.decisions.control';
/** Subject of the fleet's budget of change. */
export const budgetSubject = 'flotilla.decisions.budget';
/** Subject of the fleet's epoch. */
export const epochSubject = 'flotilla.decisions.epoch';

/**
 * Appends one decision when nobody else was first, and waits until this process has folded what is in the log then: its
 * own event, or the one that beat it. So the next look sees it.
 */
export async function appendDecision(
  deps: DecidingDeps,
  decision: NewDecision,
  signal: AbortSignal,
): Promise<AppendOutcome> {
  const { subject, event } = stamped(deps, decision);
  const outcome = await deps.decisions.append(subject, event, signal);
  await untilFolded(deps.fleet, outcome.kind === 'appended' ? outcome.seq : outcome.lastSeq, signal);
  return outcome;
}

/**
 * Appends decisions on several subjects in one atomic batch, in order, when nobody was first on any of them, and waits until
 * they are folded. Returns the sequences, or undefined when somebody was first; the caller looks again.
 */
export async function appendBatch(
  deps: DecidingDeps,
  decisions: readonly NewDecision[],
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const outcome = await deps.decisions.appendAll(
    decisions.map((one) => stamped(deps, one)),
    signal,
  );
  if (!outcome.ok) return undefined;
  const seqs = outcome.value.map((one) => one.seq);
  await untilFolded(deps.fleet, Math.max(...seqs), signal);
  return seqs;
}

function stamped(deps: DecidingDeps, { subject, ...rest }: NewDecision) {
  const event = { format: decisionFormat, id: deps.newEventId(), atMs: deps.clock.wallMs(), ...rest };
  return { subject, event };
}

/** Resolves when the fleet has folded the log up to `seq`. */
export async function untilFolded(fleet: Fleet, seq: number, signal: AbortSignal): Promise<void> {
  if (fleet.position.foldedSeq >= seq) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const remove = fleet.onFolded.add((folded) => {
    if (folded >= seq) resolve();
  });
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await promise;
  } finally {
    remove();
    signal.removeEventListener('abort', abort);
  }
}
