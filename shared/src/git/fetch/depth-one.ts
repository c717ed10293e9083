import fs from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitHttpRequest, GitHttpResponse } from 'isomorphic-git';
import { assert, errorCode, type GitId, parseGitId } from '../../base/index.ts';
import { GitError, isGitError } from '../git-error.ts';
import { type GitObject, isObjectType } from '../git-object.ts';
import { hashObject } from '../hash-object.ts';
import type { DepthOneRepository, Remote } from '../wire/remote.ts';
import { behindTips, type TipRequest } from './behind-tips.ts';
import type { FetchStats } from './fetch-stats.ts';
import {
  advertiseCommit,
  bandedAnswer,
  postV0,
  type V0Answer,
  v0Server,
  withThinPack,
} from './v0-exchange.ts';

/**
 * The one wrapper around isomorphic-git: it fetches a commit, shallow, into a bare repository in the scratch folder, and
 * reads objects from there. The library is loaded when this is first used: an agent that never needs it never pays for it.
 */

/** What the rung fetches. */
export interface DepthOneRequest {
  readonly commit: GitId;
  /** Commits deep; default 1. */
  readonly depth?: number;
  /** A tighter bound than the remote's own. */
  readonly packBytesMax?: number;
}

/** A fetched commit, readable until the next fetch of the same remote. */
export interface DepthOneFetch {
  readonly stats: FetchStats;
  /** One object, its id verified by hashing; undefined when it is not there. */
  read(id: GitId): Promise<GitObject | undefined>;
  /** The fetched commits, newest first, each with its parents as written. */
  log(): Promise<readonly { readonly id: GitId; readonly parents: readonly GitId[] }[]>;
}

/** Packs kept before the repository is made anew: a pack more makes every read a little slower. */
const packsMax = 16;
/** The library knows only http; what it asks for is answered by our own transport, whatever that is. */
const neverDialled = 'https://repository.invalid/repository.git';
/** Where isomorphic-git notes what it fetched last, and so what it tells the server that we have. */
const heldRef = 'refs/remotes/origin/HEAD';

/**
 * Fetches one commit and lets `use` read it; one at a time for each remote, because they share a folder. A second fetch
 * of the same remote transfers only what changed; when what is held turns out to be of no use, everything is fetched
 * anew. A commit that the server gives only with what it advertises is fetched with that. Throws GIT_REFUSED when the server will
 * not give the commit.
 */
export async function withDepthOne<T>(
  remote: Remote,
  request: DepthOneRequest,
  signal: AbortSignal,
  use: (fetched: DepthOneFetch) => Promise<T>,
): Promise<T> {
  const { depthOne } = remote.wire;
  const turn = depthOne.lastTurn.then(async () => use(await fetchDepthOne(remote, request, signal)));
  depthOne.lastTurn = turn.then(
    () => {},
    () => {},
  );
  return turn;
}

async function fetchDepthOne(
  remote: Remote,
  request: DepthOneRequest,
  signal: AbortSignal,
): Promise<DepthOneFetch> {
  try {
    return await fetchKept(remote, request, signal);
  } catch (caught) {
    if (!isGitError(caught, 'GIT_REFUSED')) throw caught;
    const { refs } = await v0Server(remote, signal);
    const fetchTip = (tip: TipRequest) => fetchKept(remote, tip, signal);
    const found = await behindTips(refs, request, fetchTip);
    if (found === undefined) throw caught;
    return found;
  }
}

async function fetchKept(remote: Remote, request: TipRequest, signal: AbortSignal): Promise<DepthOneFetch> {
  signal.throwIfAborted();
  const held = remote.wire.depthOne.current;
  const isUsable =
    held !== undefined && held.packs < packsMax && held.packBytes <= remote.wire.limits.packBytesMax;
  if (isUsable) {
    try {
      return await fetchInto(remote, held, request, signal);
    } catch (caught) {
      // What the server or the caller said stays said; a repository that the library cannot work with is made anew.
      if (signal.aborted || isGitError(caught)) throw caught;
    }
  }
  try {
    return await fetchInto(remote, await renew(remote), request, signal);
  } catch (caught) {
    if (signal.aborted || isGitError(caught)) throw caught;
    throw new GitError('GIT_CORRUPT_PACK', `the pack of ${remote.url} cannot be taken in`, caught);
  }
}

async function renew(remote: Remote): Promise<DepthOneRepository> {
  const { wire } = remote;
  const old = wire.depthOne.current;
  wire.depthOne.current = undefined;
  if (old !== undefined) await rm(old.gitdir, { recursive: true, force: true });
  const git = await loadLibrary();
  await mkdir(wire.scratchFolder, { recursive: true });
  const gitdir = await mkdtemp(join(wire.scratchFolder, 'flotilla-depth-1-'));
  await git.init({ fs, gitdir, bare: true });
  await git.addRemote({ fs, gitdir, remote: 'origin', url: neverDialled });
  const repository = { gitdir, packs: 0, packBytes: 0 };
  wire.depthOne.current = repository;
  return repository;
}

async function fetchInto(
  remote: Remote,
  repository: DepthOneRepository,
  request: TipRequest,
  signal: AbortSignal,
): Promise<DepthOneFetch> {
  const git = await loadLibrary();
  const { gitdir } = repository;
  const before = remote.wire.requests();
  await using http = checkedHttp(remote, request, signal);
  await git.fetch({
    fs,
    http,
    gitdir,
    url: neverDialled,
    remote: 'origin',
    ref: heldRef,
    remoteRef: 'HEAD',
    depth: request.depth ?? 1,
    singleBranch: true,
    tags: false,
  });
  const { packBytes, objects } = http.received();
  repository.packs += 1;
  repository.packBytes += packBytes;
  const cache = {};
  return {
    stats: { requests: remote.wire.requests() - before, packBytes, objects },
    read: (id) => readVerified(git, { gitdir, cache, id }),
    async log() {
      const entries = await git.log({ fs, gitdir, cache, ref: request.commit, depth: request.depth ?? 1 });
      return entries.map(({ oid, commit }) => ({ id: idOf(oid), parents: commit.parent.map(idOf) }));
    },
  };
}

/** The library checked that these are 40 hex characters. */
function idOf(text: string): GitId {
  const id = parseGitId(text);
  assert(id.ok, 'isomorphic-git gives object ids');
  return id.value;
}

interface CheckedHttp extends AsyncDisposable {
  request(request: GitHttpRequest): Promise<GitHttpResponse>;
  received(): { readonly packBytes: number; readonly objects: number };
}

/** The library's HTTP plug-in. Its only two requests are answered by our own transport, with checked bytes. */
function checkedHttp(remote: Remote, request: TipRequest, signal: AbortSignal): CheckedHttp {
  const server = v0Server(remote, signal);
  // Awaited below; a failure before that must not count as unhandled.
  server.catch(() => {});
  const packBytesMax = Math.min(
    request.packBytesMax ?? Number.POSITIVE_INFINITY,
    remote.wire.limits.packBytesMax,
  );
  let answer: V0Answer | undefined;
  return {
    async request({ url, method, body }) {
      const common = { url, statusCode: 200, statusMessage: 'OK' };
      if (method !== 'POST') {
        const headers = { 'content-type': 'application/x-git-upload-pack-advertisement' };
        return {
          ...common,
          headers,
          body: bytesOf([advertiseCommit(await server, request.tip ?? request.commit)]),
        };
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of body ?? []) chunks.push(chunk);
      const thin = withThinPack(Buffer.concat(chunks), await server);
      answer = await postV0(remote, thin, packBytesMax, signal);
      const headers = { 'content-type': 'application/x-git-upload-pack-result' };
      return { ...common, headers, body: bytesOf(bandedAnswer(answer)) };
    },
    received: () => ({ packBytes: answer?.pack.size ?? 0, objects: answer?.pack.objectCount ?? 0 }),
    async [Symbol.asyncDispose]() {
      await answer?.pack[Symbol.asyncDispose]();
    },
  };
}

async function* bytesOf(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

interface ReadRequest {
  readonly gitdir: string;
  readonly cache: object;
  readonly id: GitId;
}

/** The library checks ids when it indexes a pack; what is read from disk later is hashed again here. */
async function readVerified(
  git: Library,
  { gitdir, cache, id }: ReadRequest,
): Promise<GitObject | undefined> {
  try {
    const { type, object } = await git.readObject({ fs, gitdir, cache, oid: id, format: 'content' });
    if (!isObjectType(type) || !(object instanceof Uint8Array)) return undefined;
    const data = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
    return hashObject(type, data, 'sha1') === id ? { id, type, data } : undefined;
  } catch (caught) {
    if (errorCode(caught) === 'NotFoundError') return undefined;
    throw caught;
  }
}

type Library = typeof import('isomorphic-git');

async function loadLibrary(): Promise<Library> {
  return import('isomorphic-git');
}
