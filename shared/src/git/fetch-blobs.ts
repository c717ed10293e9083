import type { GitId } from '../base/index.ts';
import type { FetchStats } from './fetch-stats.ts';
import type { ObjectStore } from './object-store.ts';
import type { Remote } from './remote.ts';

/** Which blobs are wanted; those already in the store cost nothing. */
export interface FetchBlobsRequest {
  readonly store: ObjectStore;
  readonly ids: readonly GitId[];
}

/** Brings blobs into the store, all of them in one request where possible. Throws GIT_REFUSED when one is not to be had. */
export async function fetchBlobs(
  _remote: Remote,
  _request: FetchBlobsRequest,
  _signal: AbortSignal,
): Promise<FetchStats> {
  throw new Error('being built');
}
