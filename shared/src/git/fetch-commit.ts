import type { GitId } from '../base/index.ts';
import type { FetchStats } from './fetch-stats.ts';
import type { Commit } from './git-object.ts';
import type { ObjectStore } from './object-store.ts';
import type { Remote } from './remote.ts';

/** Which commit is wanted. */
export interface FetchCommitRequest {
  readonly store: ObjectStore;
  readonly commit: GitId;
  /** Commits whose trees are in the store from an earlier fetch: only what changed since travels. */
  readonly have?: readonly GitId[];
}

/** A commit whose every tree is in the store. */
export interface CommitFetch {
  readonly commit: Commit;
  /** `absent`: blobs were left out (the server supports filters) and come by `fetchBlobs`. */
  readonly blobs: 'absent' | 'present';
  readonly stats: FetchStats;
}

/**
 * Brings one commit and all its trees into the store: without blobs where the server supports `filter=blob:none`, with
 * them (depth 1) where not. After it, `walkTree(…, { blobs: 'ignored' })` and `resolvePath` need no network.
 * Incomplete answers are completed or an error, never a shorter tree.
 */
export async function fetchCommit(
  _remote: Remote,
  _request: FetchCommitRequest,
  _signal: AbortSignal,
): Promise<CommitFetch> {
  throw new Error('being built');
}
