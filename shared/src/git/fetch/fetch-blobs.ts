import { type GitId, limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Remote } from '../wire/remote.ts';
import { addStats, fetchObjects, noStats, v2Server } from './fetch-objects.ts';
import type { FetchStats } from './fetch-stats.ts';

/** Which blobs are wanted; those already in the store, or noted as too large, cost nothing. */
export interface FetchBlobsRequest {
  readonly store: ObjectStore;
  readonly ids: readonly GitId[];
}

/**
 * Brings blobs into the store, up to `limits.gitWantsMax` in one request. Throws GIT_REFUSED when one is not to be had,
 * and GIT_PROTOCOL_UNSUPPORTED from a server without v2, where `fetchCommit` has brought the blobs already.
 */
export async function fetchBlobs(
  remote: Remote,
  request: FetchBlobsRequest,
  signal: AbortSignal,
): Promise<FetchStats> {
  const wanted = await lacking(request.store, request.ids);
  if (wanted.length === 0) return noStats;
  const server = await v2Server(remote, signal);
  if (server === undefined) {
    const text = `the server of ${remote.url} speaks only protocol v0 and serves no single objects`;
    throw new GitError('GIT_PROTOCOL_UNSUPPORTED', text);
  }
  let stats = noStats;
  for (let from = 0; from < wanted.length; from += limits.gitWantsMax) {
    const wants = wanted.slice(from, from + limits.gitWantsMax);
    const fetched = await fetchObjects(remote, { server, store: request.store, wants }, signal);
    stats = addStats(stats, fetched.stats);
  }
  const left = await lacking(request.store, wanted);
  if (left.length > 0) {
    throw new GitError(
      'GIT_CORRUPT_PACK',
      `the server of ${remote.url} left out ${left.length} wanted blobs`,
    );
  }
  await request.store.trim();
  return stats;
}

async function lacking(store: ObjectStore, ids: readonly GitId[]): Promise<GitId[]> {
  const wanted: GitId[] = [];
  for (const id of new Set(ids)) {
    if (!(await store.has(id)) && (await store.tooLargeSize(id)) === undefined) wanted.push(id);
  }
  return wanted;
}
