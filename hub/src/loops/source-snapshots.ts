import type { GitId } from '@flotilla/shared/base';
import { FlotillaError } from '@flotilla/shared/base';
import type { CommitInfo, ControlAdopted } from '@flotilla/shared/model';
import {
  type FleetSpec,
  type PlacementSpec,
  type SourceSnapshot,
  type SourceTree,
  sourceTreeOf,
} from '../core/index.ts';
import type { GitPort, GitRemote } from '../ports.ts';
import { controlSource, remoteOf } from './remotes.ts';

/** A source cannot be looked at: no Source of that name, or its commit's tree cannot be listed. */
export class SourceUnreadableError extends FlotillaError {
  override readonly name = 'SourceUnreadableError';
}

const treesMax = 32;
const textsMax = 20_000;
const verifiedMax = 1_000;

/** Which commit of which source. */
export interface SnapshotWanted {
  readonly source: string;
  readonly ref: string;
  readonly commit: CommitInfo;
}

/** Trees of sources at commits, which of those are signed as they must be, and texts of kustomization files; both kept within bounds. */
export class SourceSnapshots {
  readonly #git: GitPort;
  readonly #control: GitRemote;
  readonly #trees = new Map<string, SourceTree>();
  readonly #texts = new Map<GitId, string>();
  readonly #verified = new Map<string, true>();

  constructor(git: GitPort, control: GitRemote) {
    this.#git = git;
    this.#control = control;
  }

  /** Contents of kustomization files by blob id, as far as they were asked for. */
  get texts(): ReadonlyMap<GitId, string> {
    return this.#texts;
  }

  /** A source at a commit; lists its tree once. Rejects with GitError or SourceUnreadableError. */
  async read(spec: FleetSpec, wanted: SnapshotWanted, signal: AbortSignal): Promise<SourceSnapshot> {
    const remote = this.#remote(spec, wanted.source);
    return {
      repositoryUrl: remote.url,
      credential: remote.credential,
      requiredSigners: remote.signers ?? [],
      caBundlePem: remote.caBundlePem,
      ref: wanted.ref,
      commit: wanted.commit,
      tree: await this.#tree(remote, wanted.commit.id, signal),
    };
  }

  /** Rejects with GIT_SIGNATURE when the source asks for a signature that the commit does not have. A commit is checked once. */
  async verify(spec: FleetSpec, wanted: SnapshotWanted, signal: AbortSignal): Promise<void> {
    const remote = this.#remote(spec, wanted.source);
    const { signers = [], url } = remote;
    if (signers.length === 0) return;
    const key = JSON.stringify([url, wanted.commit.id, signers]);
    if (!this.#verified.has(key)) await this.#git.verifyCommit(remote, wanted.commit.id, signal);
    keep(this.#verified, key, true, verifiedMax);
  }

  /** Adds the texts of blobs that `releaseOf` asked for. */
  async readTexts(
    spec: FleetSpec,
    wanted: SnapshotWanted,
    blobs: readonly GitId[],
    signal: AbortSignal,
  ): Promise<void> {
    const contents = await this.#git.readBlobs(
      this.#remote(spec, wanted.source),
      wanted.commit.id,
      blobs,
      signal,
    );
    for (const [blob, bytes] of contents) keep(this.#texts, blob, new TextDecoder().decode(bytes), textsMax);
  }

  #remote(spec: FleetSpec, source: string): GitRemote {
    const remote = remoteOf(spec, source, this.#control);
    if (remote) return remote;
    throw new SourceUnreadableError(`there is no Source named ${source}`, {
      code: 'SOURCE_UNKNOWN',
      retry: 'never',
    });
  }

  async #tree(remote: GitRemote, commit: GitId, signal: AbortSignal): Promise<SourceTree> {
    const key = `${remote.url} ${commit}`;
    const held = this.#trees.get(key);
    if (held) return keep(this.#trees, key, held, treesMax);
    const listing = await this.#git.listTree(remote, commit, '', signal);
    if (!listing.ok) {
      throw new SourceUnreadableError(listing.error.text, { code: listing.error.code, retry: 'backoff' });
    }
    return keep(this.#trees, key, sourceTreeOf(listing.value), treesMax);
  }
}

function keep<Key, Value>(cache: Map<Key, Value>, key: Key, value: Value, max: number): Value {
  cache.delete(key);
  cache.set(key, value);
  const oldest = cache.keys().next();
  if (cache.size > max && !oldest.done) cache.delete(oldest.value);
  return value;
}

/** Where the content of a placement is read; undefined = its source has no commit in force at that ref. */
export function snapshotWanted(spec: PlacementSpec, adopted: ControlAdopted): SnapshotWanted | undefined {
  const source = spec.source.repo?.name ?? controlSource;
  if (source === controlSource && spec.source.ref === undefined) {
    return { source, ref: adopted.ref, commit: adopted.commit };
  }
  const ref = spec.source.ref ?? 'HEAD';
  const commit = adopted.sources[`${source} ${ref}`];
  return commit && { source, ref, commit };
}
