import { assert, type GitId, limits } from '../../base/index.ts';
import { GitError, isGitError } from '../git-error.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { copyTrees } from '../tree/copy-trees.ts';
import { missingObjects } from '../tree/missing-objects.ts';
import { offersFilter } from '../wire/advertisement.ts';
import type { Remote } from '../wire/remote.ts';
import { withDepthOne } from './depth-one.ts';
import { fetchBlobs } from './fetch-blobs.ts';
import { fetchCommit } from './fetch-commit.ts';
import { addStats, noStats, type V2Server, v2Server } from './fetch-objects.ts';
import type { FetchStats } from './fetch-stats.ts';
import { fetchUntil, thinFirst } from './fetch-until.ts';

/**
 * How trees were brought, cheapest first: `cache` (nothing was asked), `tree` (exactly the wanted trees), `filtered` (the commit
 * with all its trees but no files, then the wanted files), `depth-1` (the whole commit).
 */
export type FetchRung = 'cache' | 'tree' | 'filtered' | 'depth-1';

/** Which trees are wanted. */
export interface FetchTreesRequest {
  readonly store: ObjectStore;
  /** The commit that the trees belong to: what the depth-1 rung fetches. */
  readonly commit: GitId;
  readonly treeIds: readonly GitId[];
  /** Trees held from the previous version: only what changed since travels. Those no longer complete are passed over. */
  readonly have?: readonly GitId[];
}

/** A rung that was left, and why. */
export interface RefusedRung {
  readonly rung: FetchRung;
  /** The server's words, or what it lacks. */
  readonly text: string;
}

/** Trees that are complete in the store: every tree and blob below them, except blobs noted as too large. */
export interface TreesFetch {
  readonly rung: FetchRung;
  /** Rungs that the server definitely refused in this call. */
  readonly refused: readonly RefusedRung[];
  readonly stats: FetchStats;
}

/** What one rung says: it brought what it could, or the server definitely does not serve it this way. */
type RungOutcome =
  | { readonly kind: 'fetched'; readonly stats: FetchStats }
  | { readonly kind: 'refused'; readonly text: string };

/** One way of bringing trees. Throws for everything that is not a definite refusal. */
interface Rung {
  readonly name: FetchRung;
  fetch(remote: Remote, request: FetchTreesRequest, signal: AbortSignal): Promise<RungOutcome>;
}

/** The ladder, cheapest first. The last rung has none to fall to: its refusals are thrown. */
const ladder: readonly Rung[] = [
  { name: 'tree', fetch: fetchByTree },
  { name: 'filtered', fetch: fetchFiltered },
  { name: 'depth-1', fetch: fetchByDepthOne },
];

/** How long a refused rung is left out before it is tried again. */
const refusalMs = 3_600_000;

/**
 * Brings whole trees into the store by the cheapest rung that the server serves. A rung is left only on a definite
 * refusal; a 401, a 500 or a time-out is thrown, because the next rung would cost a hundred times more for nothing.
 */
export async function fetchTrees(
  remote: Remote,
  request: FetchTreesRequest,
  signal: AbortSignal,
): Promise<TreesFetch> {
  if (await areComplete(request.store, request.treeIds, signal)) {
    return { rung: 'cache', refused: [], stats: noStats };
  }
  const refused: RefusedRung[] = [];
  for (const rung of ladder) {
    if (isLeftOut(remote, rung)) continue;
    const outcome = await rung.fetch(remote, request, signal);
    if (outcome.kind === 'fetched') {
      await checkComplete(remote, request, signal);
      await request.store.trim();
      return { rung: rung.name, refused, stats: outcome.stats };
    }
    remote.wire.refusals.set(rung.name, performance.now());
    refused.push({ rung: rung.name, text: outcome.text });
  }
  throw new GitError(
    'GIT_REFUSED',
    `the server of ${remote.url} serves ${request.commit} in no way that is known`,
  );
}

function isLeftOut(remote: Remote, rung: Rung): boolean {
  const refusedAtMs = remote.wire.refusals.get(rung.name);
  return refusedAtMs !== undefined && performance.now() - refusedAtMs < refusalMs && rung !== ladder.at(-1);
}

async function fetchByTree(
  remote: Remote,
  request: FetchTreesRequest,
  signal: AbortSignal,
): Promise<RungOutcome> {
  const server = await v2Server(remote, signal);
  if (server === undefined) return { kind: 'refused', text: 'the server speaks only protocol v0' };
  try {
    return { kind: 'fetched', stats: await fetchWantedTrees(remote, server, request, signal) };
  } catch (caught) {
    if (isGitError(caught, 'GIT_REFUSED')) return { kind: 'refused', text: caught.message };
    throw caught;
  }
}

/** Asks for what changed since the trees that we have; when that leaves something missing, for everything. */
async function fetchWantedTrees(
  remote: Remote,
  server: V2Server,
  request: FetchTreesRequest,
  signal: AbortSignal,
): Promise<FetchStats> {
  assert(request.treeIds.length <= limits.gitWantsMax, 'an assignment names few trees');
  const { store, treeIds } = request;
  const haves = await completeTrees(store, request.have ?? [], signal);
  let stats = noStats;
  const fetched = await fetchUntil(
    remote,
    {
      requests: thinFirst({ server, store, wants: treeIds }, { haves }),
      async check(brought) {
        const leftOut =
          brought === undefined || brought.leftOut === 0 ? [] : await missingBlobs(request, signal);
        stats = addStats(stats, await fetchBlobs(remote, { store, ids: leftOut }, signal));
        return (await areComplete(store, treeIds, signal)) || undefined;
      },
    },
    signal,
  );
  return addStats(stats, fetched.stats);
}

/** Blobs of the wanted trees that are not there: left out by a filter, or sent only as deltas on something too large. */
async function missingBlobs(request: FetchTreesRequest, signal: AbortSignal): Promise<readonly GitId[]> {
  const { store, treeIds } = request;
  const { trees, blobs } = await missingObjects({ store, treeIds, blobs: 'required' }, signal);
  return trees.length > 0 ? [] : blobs;
}

/** For servers that give single files but no single trees. Of the trees, later fetches bring what changed. */
async function fetchFiltered(
  remote: Remote,
  request: FetchTreesRequest,
  signal: AbortSignal,
): Promise<RungOutcome> {
  const server = await v2Server(remote, signal);
  if (server === undefined) return { kind: 'refused', text: 'the server speaks only protocol v0' };
  if (!offersFilter(server)) return { kind: 'refused', text: 'the server offers no filter' };
  const { commit, store } = request;
  const { filtered } = remote.wire;
  try {
    const have = filtered.last === undefined ? [] : [filtered.last];
    const fetched = await fetchCommit(remote, { store, commit, have }, signal);
    filtered.last = commit;
    const ids = await missingBlobs(request, signal);
    return {
      kind: 'fetched',
      stats: addStats(fetched.stats, await fetchBlobs(remote, { store, ids }, signal)),
    };
  } catch (caught) {
    if (isGitError(caught, 'GIT_REFUSED')) return { kind: 'refused', text: caught.message };
    throw caught;
  }
}

async function fetchByDepthOne(
  remote: Remote,
  request: FetchTreesRequest,
  signal: AbortSignal,
): Promise<RungOutcome> {
  return withDepthOne(remote, { commit: request.commit }, signal, async (fetched) => {
    const { store, treeIds } = request;
    await copyTrees(fetched, { store, treeIds, objectBytesMax: remote.wire.limits.objectBytesMax }, signal);
    return { kind: 'fetched', stats: fetched.stats };
  });
}

async function areComplete(
  store: ObjectStore,
  treeIds: readonly GitId[],
  signal: AbortSignal,
): Promise<boolean> {
  const missing = await missingObjects({ store, treeIds, blobs: 'required' }, signal);
  return missing.trees.length === 0 && missing.blobs.length === 0;
}

async function completeTrees(
  store: ObjectStore,
  ids: readonly GitId[],
  signal: AbortSignal,
): Promise<GitId[]> {
  const complete: GitId[] = [];
  for (const id of ids) {
    if ((await store.has(id)) && (await areComplete(store, [id], signal))) complete.push(id);
  }
  return complete;
}

async function checkComplete(remote: Remote, request: FetchTreesRequest, signal: AbortSignal): Promise<void> {
  const { store, treeIds } = request;
  const { trees, blobs } = await missingObjects({ store, treeIds, blobs: 'required' }, signal);
  const left = trees.length + blobs.length;
  if (left === 0) return;
  const text = `the server of ${remote.url} left out ${left} objects of the trees wanted at ${request.commit}`;
  throw new GitError('GIT_CORRUPT_PACK', text);
}
