import { join } from 'node:path';
import { type GitId, limits } from '@flotilla/shared/base';
import {
  fetchCommit,
  fetchTrees,
  GitError,
  gitCredentialOf,
  isGitError,
  type ObjectStore,
  openFolderStore,
  type ProxySettings,
  type Remote,
  type RemoteSettings,
  readBlob,
  remotePool,
  resolvePath,
  type TreesFetch,
  verifyCommit,
  walkTree,
} from '@flotilla/shared/git';
import type { BoundCredential, Content, TreeRef } from '@flotilla/shared/model';
import type { ContentFile, ContentPort, FetchedContent } from '../../ports.ts';
import { FetchBatches, type TreeBatch } from './fetch-batches.ts';
import { recentTrees } from './recent-trees.ts';

/** Where content is kept and which hosts may be asked how. */
export interface ContentSettings {
  /** Folder of the object cache; made when absent. */
  readonly folder: string;
  /** Loopback hosts to which plain http is allowed. Default none. */
  readonly allowPlainHttpHosts: readonly string[];
  /** Address ranges never connected to, as `10.96.0.0/12`, beyond what is always denied. */
  readonly deniedRanges: readonly string[];
  /** For Git over https. Default none. */
  readonly proxy?: ProxySettings | undefined;
  /** Longest silence of a server. Default 30 s. */
  readonly silenceMs?: number;
  /** Lists of signers besides the content's own; each must hold the one who signed. Default none. */
  readonly signersOf?: (content: Content) => readonly (readonly string[])[];
  /** Bytes on disk; default limits.gitStoreBytesMax. */
  readonly cacheBytesMax?: number;
}

/** A ContentPort whose connections and cache are released by `close`. */
export interface ContentReader extends ContentPort {
  close(): Promise<void>;
}

/**
 * Gets a variant's content from Git: exactly its trees, each object verified by its id. What was fetched before is not
 * fetched again, and only what changed since the previous variant travels. Where signers are named, nothing of a commit is given that
 * none of them signed. Rejects with GitError.
 */
export async function openContentReader(settings: ContentSettings): Promise<ContentReader> {
  const store = await openFolderStore({
    folder: settings.folder,
    ...(settings.cacheBytesMax === undefined ? {} : { bytesMax: settings.cacheBytesMax }),
  });
  const pool = remotePool();
  const recent = recentTrees();
  const verified = recentTrees();
  const batches = new FetchBatches(
    async (remote: Remote, { commit, treeIds }: TreeBatch, signal: AbortSignal): Promise<TreesFetch> => {
      const request = { store, commit, treeIds, have: recent.of(remote.url) };
      const fetched = await fetchTrees(remote, request, signal);
      recent.add(remote.url, treeIds);
      return fetched;
    },
  );

  async function fetch(
    content: Content,
    credential: BoundCredential | undefined,
    signal: AbortSignal,
  ): Promise<FetchedContent> {
    const treeIds = [...new Set(content.trees.map((tree) => tree.treeId))];
    await using remote = pool.open(sourceSettings(content, credential, settings));
    // Uses of one remote have their wire in common.
    const about = { repository: remote.wire, source: remote, commit: content.commit.id, treeIds };
    const { rung } = await batches.fetch(about, signal);
    const signers = [content.requiredSigners, ...(settings.signersOf?.(content) ?? [])].filter(
      (list) => list.length > 0,
    );
    if (signers.length > 0) {
      const have = verified.of(content.repositoryUrl);
      await verifyContent(remote, { store, content, have, signers }, signal);
      verified.add(content.repositoryUrl, [content.commit.id]);
    }
    return {
      ...(await readTrees(store, content.trees, signal)),
      commit: content.commit.id,
      trees: content.trees,
      rung,
    };
  }

  return {
    async fetch(content, credential, signal) {
      try {
        return await fetch(content, credential, signal);
      } catch (error) {
        // The cache is bounded: what was just fetched may have been trimmed by another assignment. Once more is enough.
        if (!isGitError(error, 'GIT_OBJECT_MISSING')) throw error;
        return await fetch(content, credential, signal);
      }
    },
    async close() {
      await pool.close();
      await store.close();
    },
  };
}

interface Verification {
  readonly store: ObjectStore;
  readonly content: Content;
  /** Each list must hold the one who signed. */
  readonly signers: readonly (readonly string[])[];
  /** Commits that were verified before: only what changed since travels. */
  readonly have: readonly GitId[];
}

/**
 * Checks that a signer signed the commit, and that the trees are those of this commit: what the hub says about either is not
 * believed. Throws GIT_SIGNATURE.
 */
async function verifyContent(
  remote: Remote,
  { store, content, have, signers }: Verification,
  signal: AbortSignal,
): Promise<void> {
  const { commit } = await fetchCommit(remote, { store, commit: content.commit.id, have }, signal);
  for (const list of signers) await verifyCommit(commit, list, remote.url);
  for (const { path, treeId } of content.trees) {
    const found = await resolvePath(store, commit.tree, path);
    if (found.ok && found.value.kind === 'tree' && found.value.id === treeId) continue;
    const text = `the signed commit ${commit.id} of ${remote.url} has another tree at ${JSON.stringify(path)} than the one assigned`;
    throw new GitError('GIT_SIGNATURE', text);
  }
}

function sourceSettings(
  content: Content,
  credential: BoundCredential | undefined,
  settings: ContentSettings,
): RemoteSettings {
  return {
    url: content.repositoryUrl,
    allowPlainHttpHosts: settings.allowPlainHttpHosts,
    deniedRanges: settings.deniedRanges,
    ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
    ...(settings.silenceMs === undefined ? {} : { timeouts: { idleMs: settings.silenceMs } }),
    scratchFolder: join(settings.folder, 'scratch'),
    ...(credential === undefined ? {} : { credential: gitCredentialOf(credential) }),
    ...(content.caBundlePem === undefined ? {} : { caPem: content.caBundlePem }),
  };
}

async function readTrees(
  store: ObjectStore,
  trees: readonly TreeRef[],
  signal: AbortSignal,
): Promise<Pick<FetchedContent, 'files' | 'problems'>> {
  const files = new Map<string, ContentFile>();
  const problems: FetchedContent['problems'][number][] = [];
  let bytes = 0;
  for (const tree of trees) {
    const listing = await walkTree(store, tree.treeId, { blobs: 'required' }, signal);
    problems.push(...listing.problems.map((one) => ({ ...one, path: under(tree.path, one.path) })));
    for (const file of listing.files) {
      const path = under(tree.path, file.path);
      if (files.has(path)) continue;
      bytes += file.size ?? 0;
      if (bytes > limits.inflatedBytesMax) {
        problems.push({
          path,
          code: 'TREE_TOO_LARGE',
          text: `more than ${limits.inflatedBytesMax} bytes in all`,
        });
        break;
      }
      files.set(path, { path, bytes: await readBlob(store, file.id) });
    }
  }
  return { files: [...files.values()].sort(byPath), problems: [...problems].sort(byPath) };
}

function under(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

function byPath(left: { readonly path: string }, right: { readonly path: string }): number {
  return left.path < right.path ? -1 : Number(left.path > right.path);
}
