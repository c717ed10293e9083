import { describeError, limits } from '@flotilla/shared/base';
import type { KubeDiscovery, KubeResource } from '../../kube-port.ts';
import { kubeErrorFrom, unreachableError } from '../../kube-status.ts';
import type { GroupVersionPath } from './discovery-parse.ts';
import {
  aggregatedAccept,
  isAggregated,
  parseAggregated,
  parseCoreVersions,
  parseGroupVersions,
  parseResourceList,
} from './discovery-parse.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import { parseObject, parseStatusBody } from './status-body.ts';

/** Discovery with one cached answer; callers that ask at the same time share one round of requests. */
export interface DiscoveryCache {
  /** The cached answer, asked for when there is none. */
  cached(signal: AbortSignal): Promise<KubeDiscovery>;
  /** An answer that was asked for after this call. */
  fresh(signal: AbortSignal): Promise<KubeDiscovery>;
  /** Forgets the cached answer, because something it says was seen to be wrong. */
  invalidate(): void;
}

/** Group versions asked for at the same time in the older form. */
const parallelGroups = 8;
const attempted = 'discover';

/** Opens the cache over a client. */
export function createDiscoveryCache(http: HttpClient): DiscoveryCache {
  let known: KubeDiscovery | undefined;
  let running: Promise<KubeDiscovery> | undefined;
  let next: Promise<KubeDiscovery> | undefined;

  function run(): Promise<KubeDiscovery> {
    // Shared by several callers: one caller's abort must not fail the others, so only the deadline ends it.
    const started = readDiscovery(http, new AbortController().signal)
      .then((discovery) => {
        known = discovery;
        return discovery;
      })
      .finally(() => {
        if (running === started) running = undefined;
      });
    running = started;
    return started;
  }

  /** What is running began before this call: wait for it, then share one more round. */
  function runAfterCurrent(): Promise<KubeDiscovery> {
    if (running === undefined) return run();
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return run();
      });
    return next;
  }

  return {
    cached: (signal) =>
      unlessAborted(known === undefined ? (running ?? run()) : Promise.resolve(known), signal),
    fresh: (signal) => unlessAborted(runAfterCurrent(), signal),
    invalidate() {
      known = undefined;
    },
  };
}

async function readDiscovery(http: HttpClient, signal: AbortSignal): Promise<KubeDiscovery> {
  const core = await readObject(http, '/api', signal);
  const groups = await readObject(http, '/apis', signal);
  const parts: KubeDiscovery[] = [];
  const paths: GroupVersionPath[] = [];
  if (isAggregated(core)) parts.push(parseAggregated(core));
  else paths.push(...parseCoreVersions(core));
  if (isAggregated(groups)) parts.push(parseAggregated(groups));
  else paths.push(...parseGroupVersions(groups));
  if (paths.length > 0) parts.push(await readEachGroup(http, paths, signal));
  return {
    resources: parts.flatMap((part) => part.resources),
    failedGroups: parts.flatMap((part) => part.failedGroups),
  };
}

/** The older form: one request for each group version; a group that fails is reported, never left out silently. */
async function readEachGroup(
  http: HttpClient,
  paths: readonly GroupVersionPath[],
  signal: AbortSignal,
): Promise<KubeDiscovery> {
  const asked = paths.slice(0, limits.kubeGroupVersionsMax);
  const results = new Array<readonly KubeResource[]>(asked.length).fill([]);
  const failedGroups = paths
    .slice(limits.kubeGroupVersionsMax)
    .map(({ group, version }) => ({ group, version, text: 'more group versions than are read' }));
  let position = 0;
  async function work(): Promise<void> {
    for (let index = position++; index < asked.length; index = position++) {
      const path = asked[index];
      if (path === undefined) return;
      try {
        results[index] = parseResourceList(await readObject(http, path.path, signal), path);
      } catch (error) {
        failedGroups.push({ group: path.group, version: path.version, text: describeError(error) });
      }
    }
  }
  await Promise.all(Array.from({ length: parallelGroups }, work));
  return { resources: results.flat(), failedGroups };
}

async function readObject(
  http: HttpClient,
  path: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  let answer: HttpAnswer;
  try {
    answer = await http.send({ method: 'GET', path, accept: aggregatedAccept }, signal);
  } catch (error) {
    throw unreachableError(attempted, error);
  }
  if (answer.status !== 200) throw kubeErrorFrom(parseStatusBody(answer), attempted, undefined);
  const body = parseObject(answer.text);
  if (body === undefined)
    throw unreachableError(attempted, new Error(`${path} answered with no JSON object`));
  return body;
}

/** Waits for shared work, but no longer than the caller wants to. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    // When the caller gave up first, a later failure of the shared work is somebody else's to handle.
    work.catch(() => {});
  }
}
