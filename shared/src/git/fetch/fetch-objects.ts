import type { GitId } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { ingestPack, spoolPack } from '../pack/index.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { Advertisement } from '../wire/advertisement.ts';
import type { Remote } from '../wire/remote.ts';
import type { FetchLimits } from '../wire/remote-settings.ts';
import { readUploadAnswer } from '../wire/upload-answer.ts';
import { encodeFetch, type UploadRequest } from '../wire/upload-request.ts';
import type { FetchStats } from './fetch-stats.ts';

/** An advertisement of a server that speaks v2 and offers `fetch`. */
export type V2Server = Extract<Advertisement, { protocol: 'v2' }>;

/** The server's v2 capabilities, or undefined when it speaks only v0. Throws like every request. */
export async function v2Server(remote: Remote, signal: AbortSignal): Promise<V2Server | undefined> {
  const advertisement = await remote.wire.advertisement(signal);
  if (advertisement.protocol === 'v0') return undefined;
  if (advertisement.commands.has('fetch')) return advertisement;
  throw new GitError('GIT_PROTOCOL_UNSUPPORTED', `the server of ${remote.url} does not offer fetch`);
}

/** One `fetch` command, and where its objects go. */
export interface ObjectsRequest extends UploadRequest {
  readonly server: V2Server;
  readonly store: ObjectStore;
  /** Tighter bounds than the remote's own. */
  readonly tighter?: Partial<FetchLimits>;
}

/** What one `fetch` command brought. */
export interface ObjectsFetch {
  /** Commits whose parents the server left out. */
  readonly shallows: readonly GitId[];
  /** Objects left out of the store because of their size. */
  readonly leftOut: number;
  readonly stats: FetchStats;
}

/** Runs one `fetch` command of protocol v2 and takes in its pack. The store is not trimmed here. */
export function fetchObjects(
  remote: Remote,
  request: ObjectsRequest,
  signal: AbortSignal,
): Promise<ObjectsFetch> {
  // A cached capability that the server no longer has makes it end its answer without a word.
  return remote.wire.forgetOnFailure(fetchPack(remote, request, signal));
}

async function fetchPack(
  remote: Remote,
  request: ObjectsRequest,
  signal: AbortSignal,
): Promise<ObjectsFetch> {
  const { wire, url: shownUrl } = remote;
  const { server, store } = request;
  const format = server.objectFormat;
  const limits = { ...wire.limits, ...request.tighter };
  const before = wire.requests();
  const answer = await readUploadAnswer(
    wire.uploadPack('v2', encodeFetch(request, format), signal),
    shownUrl,
  );
  const { scratchFolder } = wire;
  await using spool = await spoolPack(answer.pack, { ...limits, format, scratchFolder, shownUrl });
  const { leftOut } = await ingestPack(spool, { store, format, limits, shownUrl, signal });
  return {
    shallows: answer.shallows,
    leftOut,
    stats: { requests: wire.requests() - before, packBytes: spool.size, objects: spool.objectCount },
  };
}

/** Sums what several fetches cost. */
export function addStats(left: FetchStats, right: FetchStats): FetchStats {
  return {
    requests: left.requests + right.requests,
    packBytes: left.packBytes + right.packBytes,
    objects: left.objects + right.objects,
  };
}

/** A fetch that asked nothing. */
export const noStats: FetchStats = { requests: 0, packBytes: 0, objects: 0 };
