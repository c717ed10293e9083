import { type GitId, limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Remote } from '../wire/remote.ts';
import { addStats, fetchObjects, noStats, type V2Server, v2Server } from './fetch-objects.ts';
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
    const ids = wanted.slice(from, from + limits.gitWantsMax);
    stats = addStats(stats, await fetchBatch(remote, server, { store: request.store, ids }, signal));
  }
  const left = await lacking(request.store, wanted);
  if (left.length > 0) {
    const text = `the server of ${remote.url} left out ${left.length} wanted blobs`;
    throw new GitError('GIT_CORRUPT_PACK', text);
  }
  await request.store.trim();
  return stats;
}

/** Questions for the same blobs before those that still cannot be built are called too large. */
const roundsMax = 3;

/**
 * Asks until everything is there or noted. A server may send a small blob as a delta on one that is too large to hold;
 * asked for without that one, it comes whole.
 */
async function fetchBatch(
  remote: Remote,
  server: V2Server,
  batch: FetchBlobsRequest,
  signal: AbortSignal,
): Promise<FetchStats> {
  const { store } = batch;
  let stats = noStats;
  let wants: readonly GitId[] = batch.ids;
  for (let round = 0; round < roundsMax; round += 1) {
    const fetched = await fetchObjects(remote, { server, store, wants }, signal);
    stats = addStats(stats, fetched.stats);
    wants = await lacking(store, wants);
    if (wants.length === 0 || fetched.leftOut === 0) return stats;
  }
  for (const id of wants) await store.noteTooLarge(id, remote.wire.limits.objectBytesMax + 1);
  return stats;
}

async function lacking(store: ObjectStore, ids: readonly GitId[]): Promise<GitId[]> {
  const wanted: GitId[] = [];
  for (const id of new Set(ids)) {
    if (!(await store.has(id)) && (await store.tooLargeSize(id)) === undefined) wanted.push(id);
  }
  return wanted;
}
