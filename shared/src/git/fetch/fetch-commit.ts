import type { GitId } from '../../base/index.ts';
import { GitError, isGitError } from '../git-error.ts';
import type { Commit } from '../git-object.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { copyTrees } from '../tree/copy-trees.ts';
import { missingObjects } from '../tree/missing-objects.ts';
import { readCommit } from '../tree/read-object.ts';
import { offersFilter } from '../wire/advertisement.ts';
import type { Remote } from '../wire/remote.ts';
import { withDepthOne } from './depth-one.ts';
import { noStats, type ObjectsRequest, type V2Server, v2Server } from './fetch-objects.ts';
import type { FetchStats } from './fetch-stats.ts';
import { fetchUntil, thinFirst } from './fetch-until.ts';

/** Which commit is wanted. */
export interface FetchCommitRequest {
  readonly store: ObjectStore;
  readonly commit: GitId;
  /** Commits fetched before into this store: only what changed since travels. Those no longer held are passed over. */
  readonly have?: readonly GitId[];
}

/** A commit whose every tree is in the store. */
export interface CommitFetch {
  readonly commit: Commit;
  /** `absent`: blobs were left out (the server supports filters, or nothing was asked) and come by `fetchBlobs`. */
  readonly blobs: 'absent' | 'present';
  readonly stats: FetchStats;
}

/**
 * Brings one commit and all its trees into the store: without blobs where the server supports `filter=blob:none`, with
 * them (depth 1) where not. After it, `walkTree(…, { blobs: 'ignored' })` and `resolvePath` need no network.
 * Incomplete answers are completed or an error, never a shorter tree.
 */
export async function fetchCommit(
  remote: Remote,
  request: FetchCommitRequest,
  signal: AbortSignal,
): Promise<CommitFetch> {
  const held = await completeCommit(request.store, request.commit, signal);
  if (held !== undefined) return { commit: held, blobs: 'absent', stats: noStats };
  const server = await v2Server(remote, signal);
  const fetched =
    server === undefined
      ? await fetchByDepthOne(remote, request, signal)
      : await fetchByV2(remote, server, request, signal);
  await request.store.trim();
  return fetched;
}

async function fetchByV2(
  remote: Remote,
  server: V2Server,
  request: FetchCommitRequest,
  signal: AbortSignal,
): Promise<CommitFetch> {
  const { store } = request;
  const isFiltered = offersFilter(server);
  const filter = isFiltered ? ({ filter: 'blob:none' } as const) : {};
  const whole: ObjectsRequest = { server, store, wants: [request.commit], depth: 1, ...filter };
  const haves = await heldCommits(request);
  const { value: commit, stats } = await fetchUntil(
    remote,
    {
      requests: thinFirst(whole, { haves, shallows: haves }),
      check: () => completeCommit(store, request.commit, signal),
    },
    signal,
  );
  if (commit === undefined) throw incomplete(remote, request.commit);
  return { commit, blobs: isFiltered ? 'absent' : 'present', stats };
}

async function fetchByDepthOne(
  remote: Remote,
  request: FetchCommitRequest,
  signal: AbortSignal,
): Promise<CommitFetch> {
  const { store } = request;
  return withDepthOne(remote, { commit: request.commit }, signal, async (fetched) => {
    const object = await fetched.read(request.commit);
    if (object === undefined) throw incomplete(remote, request.commit);
    await store.put(object);
    const commit = await readCommit(store, request.commit);
    const { objectBytesMax } = remote.wire.limits;
    const missing = await copyTrees(fetched, { store, treeIds: [commit.tree], objectBytesMax }, signal);
    if (missing > 0) throw incomplete(remote, request.commit);
    return { commit, blobs: 'present', stats: fetched.stats };
  });
}

/** The commit, if it and all its trees are in the store. */
async function completeCommit(
  store: ObjectStore,
  id: GitId,
  signal: AbortSignal,
): Promise<Commit | undefined> {
  if (!(await store.has(id))) return undefined;
  const commit = await readCommit(store, id).catch((caught: unknown) => {
    if (isGitError(caught, 'GIT_OBJECT_MISSING')) return undefined;
    throw caught;
  });
  if (commit === undefined) return undefined;
  const { trees } = await missingObjects({ store, treeIds: [commit.tree], blobs: 'ignored' }, signal);
  return trees.length === 0 ? commit : undefined;
}

async function heldCommits(request: FetchCommitRequest): Promise<GitId[]> {
  const held: GitId[] = [];
  for (const id of request.have ?? []) if (await request.store.has(id)) held.push(id);
  return held;
}

function incomplete(remote: Remote, commit: GitId): GitError {
  return new GitError('GIT_CORRUPT_PACK', `the server of ${remote.url} left out parts of commit ${commit}`);
}
