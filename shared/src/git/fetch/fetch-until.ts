import { isGitError } from '../git-error.ts';
import type { Remote } from '../wire/remote.ts';
import { addStats, fetchObjects, noStats, type ObjectsFetch, type ObjectsRequest } from './fetch-objects.ts';
import type { FetchStats } from './fetch-stats.ts';

/** Requests to be made one after the other until what is wanted is there. */
export interface Attempts<T> {
  readonly requests: readonly ObjectsRequest[];
  /** Looks whether it is there; gives it, or undefined. */
  check(fetched: ObjectsFetch | undefined): Promise<T | undefined>;
}

/** What came of them: `value` is undefined when even the last request left something out. */
export interface AttemptsOutcome<T> {
  readonly value: T | undefined;
  readonly stats: FetchStats;
}

/** A request, preceded by one that asks only for what changed since what is held. */
export function thinFirst(
  whole: ObjectsRequest,
  held: Pick<ObjectsRequest, 'haves' | 'shallows'>,
): ObjectsRequest[] {
  const hasSomething = held.haves !== undefined && held.haves.length > 0;
  return hasSomething ? [{ ...whole, ...held, thin: true }, whole] : [whole];
}

/** Makes the requests. A pack that builds on something that the store has lost since counts as one that brought nothing. */
export async function fetchUntil<T>(
  remote: Remote,
  attempts: Attempts<T>,
  signal: AbortSignal,
): Promise<AttemptsOutcome<T>> {
  let stats = noStats;
  for (const request of attempts.requests) {
    const fetched = await fetchOrMiss(remote, request, signal);
    stats = addStats(stats, fetched?.stats ?? noStats);
    const value = await attempts.check(fetched);
    if (value !== undefined) return { value, stats };
  }
  return { value: undefined, stats };
}

async function fetchOrMiss(
  remote: Remote,
  request: ObjectsRequest,
  signal: AbortSignal,
): Promise<ObjectsFetch | undefined> {
  try {
    return await fetchObjects(remote, request, signal);
  } catch (caught) {
    if (isGitError(caught, 'GIT_BASE_MISSING') && request.thin === true) return undefined;
    throw caught;
  }
}
