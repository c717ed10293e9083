import type { DecisionLog, StoredDecision } from '@flotilla/hub/ports';
import { type ClusterUid, type GitId, seededRandom } from '@flotilla/shared/base';
import { randomUid } from '@flotilla/shared/kit';
import type { Decision, DecisionEvent } from '@flotilla/shared/model';

/** One log and what a test may do to it. */
export interface DecisionLogWorld extends AsyncDisposable {
  /** Another hub process's view of the same log. */
  open(): Promise<DecisionLog>;
  /** The next append is stored, but the server's answer is lost. Of the handle that was opened last. */
  loseNextAnswer(): void;
  /** The next append never reaches the server. Of the handle that was opened last. */
  loseNextRequest(): void;
  /** kill -9 of the server and a restart. */
  interrupt(): Promise<void>;
  /** Stores bytes as another program would. */
  writeRaw(subject: string, data: string): Promise<void>;
  /** Forgets everything, as a lost disk does. */
  loseStore(): Promise<void>;
}

/** A signal that is never aborted. */
export const never = new AbortController().signal;

/** A small event: a tick. */
export function tick(expectedSeq: number): DecisionEvent<Decision> {
  return {
    format: 1,
    // Random uids have the form of event ids.
    id: randomUid() as DecisionEvent['id'],
    atMs: 1_700_000_000_000,
    actor: { kind: 'hub', process: 'test' },
    expectedSeq,
    evidence: undefined,
    payload: { kind: 'tick' },
  };
}

/** An event of 2 MB that does not compress: a withdrawal of very many clusters that waits for a person. */
export function largeEvent(expectedSeq: number, seed: number): DecisionEvent<Decision> {
  const random = seededRandom(seed);
  const word = () => random.next().toString(36).slice(2, 15).padEnd(13, 'a');
  // Only their size is of interest here.
  const clusters = Array.from({ length: 80_000 }, () => (word() + word()) as ClusterUid);
  const commit = '0'.repeat(40) as GitId;
  return { ...tick(expectedSeq), payload: { kind: 'withdraw-held', clusters, commit, text: `${seed}` } };
}

/** Reads until it has seen so many decisions; `isCaughtUp` as of then. */
export async function read(log: DecisionLog, count: number, fromSeq = 1): Promise<readonly StoredDecision[]> {
  const stop = new AbortController();
  const seen: StoredDecision[] = [];
  if (count === 0) return seen;
  for await (const one of log.follow(fromSeq, stop.signal)) {
    if ('kind' in one) continue;
    seen.push(one);
    if (seen.length === count) break;
  }
  return seen;
}

/** Everything stored up to now. */
export async function readAll(log: DecisionLog): Promise<readonly StoredDecision[]> {
  const seen: StoredDecision[] = [];
  for await (const one of log.follow(1, new AbortController().signal)) {
    if ('kind' in one) break;
    seen.push(one);
  }
  return seen;
}

/** Appends a tick that must be taken. */
export async function appended(log: DecisionLog, subject: string, expectedSeq: number) {
  const event = tick(expectedSeq);
  const outcome = await log.append(subject, event, never);
  if (outcome.kind !== 'appended') throw new Error(`conflict at ${outcome.lastSeq}`);
  return { ...outcome, event };
}
