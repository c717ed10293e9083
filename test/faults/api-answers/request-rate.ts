import type { SeenRequest } from './faulty-proxy.ts';

/**
 * Requests about one object in any minute. A failing assignment is tried at 0, 5, 15 and 35 s, give or take a fifth, five
 * times a minute at most; each time an object is applied, and where the refusal says nothing, read and tried dry.
 */
export const perObjectMax = 5 * 3;

/**
 * Requests about one kind, or another path that is no object, in any minute. A lost watch is tried again after 0 to 1, 2, 4 …
 * 30 s by chance, about eight times in the first minute, each time by a list and a watch; twice that is a hot loop.
 */
export const perCollectionMax = 2 * 8 * 2;

const minuteMs = 60_000;

/** What the requests of a run amount to. */
export interface RequestRate {
  /** The most of one object, and of one other path, in any minute. */
  readonly perObject: number;
  readonly perCollection: number;
  /** Shortest pause after a 429 of the same path, in milliseconds; undefined = none was repeated. */
  readonly throttledPauseMs: number | undefined;
  readonly broken: readonly string[];
}

/** Judges whether anything was asked for too often, or sooner than the server had said. */
export function judgeRate(seen: readonly SeenRequest[], retryAfterMs: number): RequestRate {
  const byPath = Map.groupBy(seen, ({ path }) => path);
  const rates = [...byPath].map(([path, requests]) => ({ path, most: mostInAMinute(requests) }));
  const [objects, others] = [rates.filter(isOfObject), rates.filter((one) => !isOfObject(one))];
  const pauses = [...byPath.values()].flatMap(pausesAfterThrottling);
  const throttledPauseMs = pauses.length === 0 ? undefined : Math.min(...pauses);
  const tooSoon = throttledPauseMs !== undefined && throttledPauseMs < retryAfterMs;
  return {
    perObject: Math.max(0, ...objects.map(({ most }) => most)),
    perCollection: Math.max(0, ...others.map(({ most }) => most)),
    throttledPauseMs: throttledPauseMs === undefined ? undefined : Math.round(throttledPauseMs),
    broken: [
      ...tooOften(objects, perObjectMax),
      ...tooOften(others, perCollectionMax),
      ...(tooSoon
        ? [`Retry-After was ${retryAfterMs} ms and it came again after ${Math.round(throttledPauseMs)} ms`]
        : []),
    ],
  };
}

interface PathRate {
  readonly path: string;
  readonly most: number;
}

function tooOften(rates: readonly PathRate[], max: number): readonly string[] {
  return rates
    .filter(({ most }) => most > max)
    .map(({ path, most }) => `${path} was asked for ${most} times in a minute, more than ${max}`);
}

/** `/api/v1/namespaces/N/configmaps/NAME` and the like; a list or watch ends with the kind. */
function isOfObject({ path }: PathRate): boolean {
  return /\/namespaces\/[^/]+\/[^/]+\/[^/]+/.test(path);
}

function mostInAMinute(requests: readonly SeenRequest[]): number {
  const times = requests.map(({ atMs }) => atMs).sort((left, right) => left - right);
  let first = 0;
  let most = 0;
  for (const [index, atMs] of times.entries()) {
    while ((times[first] ?? atMs) <= atMs - minuteMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

function pausesAfterThrottling(requests: readonly SeenRequest[]): readonly number[] {
  return requests.flatMap((request, index) => {
    const next = requests[index + 1];
    return request.isThrottled && next !== undefined ? [next.atMs - request.atMs] : [];
  });
}
