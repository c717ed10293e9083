import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitId, Result } from '@flotilla/shared/base';
import { err, limits, ok } from '@flotilla/shared/base';
import {
  fetchBlobs,
  fetchCommit,
  GitError,
  gitCredentialOf,
  isAncestor,
  judgeName,
  listRefs,
  type ObjectStore,
  openFolderStore,
  type ProxySettings,
  type Remote,
  type RemoteSettings,
  readBlob,
  readCommit,
  readTree,
  remotePool,
  resolvePath,
  resolveRef,
  signatureKind,
  type TreeEntry,
  verifyCommit,
} from '@flotilla/shared/git';
import { type BoundCredential, type CommitInfo, urgentIn } from '@flotilla/shared/model';
import type { GitPathProblem, GitPort, GitRemote, GitTree } from '../../ports.ts';
import { CredentialMissingError } from './credential-missing.ts';

/** Where objects are kept, which hosts may be asked how, and where credentials come from. */
export interface GitReaderSettings {
  /** Folder of the object cache, this process's own; made when absent. Its scratch folder is emptied. */
  readonly folder: string;
  /** Loopback hosts to which plain http is allowed. Default none. */
  readonly allowPlainHttpHosts: readonly string[];
  /** Address ranges never connected to, as `10.96.0.0/12`, beyond what is always denied. */
  readonly deniedRanges: readonly string[];
  /** For Git over https. Default none. */
  readonly proxy?: ProxySettings | undefined;
  /** The credential mounted under a name; undefined when there is none. */
  readonly credentialOf: (name: string, signal: AbortSignal) => Promise<BoundCredential | undefined>;
  /** How long a server may be silent within an answer, milliseconds. Default as the fetch itself has it. */
  readonly silenceMs?: number;
}

/** A GitPort whose connections and cache are released by `close`. */
export interface GitReader extends GitPort {
  close(): Promise<void>;
}

type Entry = GitTree['entries'][number];

/**
 * The hub's eyes on Git: commits with their trees but without file contents where the server can leave them out, and
 * the few files that rules are written in. Rejects with GitError or CredentialMissingError.
 */
export async function openGitReader(settings: GitReaderSettings): Promise<GitReader> {
  // What a fetch leaves there when its process is killed; nobody else works in this folder.
  await rm(scratchOf(settings), { recursive: true, force: true });
  const store = await openFolderStore({ folder: settings.folder });
  const pool = remotePool();
  const latest = new Map<string, GitId>();

  async function withRemote<T>(
    remote: GitRemote,
    signal: AbortSignal,
    work: (open: Remote) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    await using open = pool.open(await settingsFor(remote, settings, signal));
    return await work(open);
  }

  /** The commit with all its trees in the store; fetched when they are not (any more). */
  async function commitOf(remote: GitRemote, id: GitId, signal: AbortSignal) {
    const held = latest.get(remote.url);
    const have = held === undefined || held === id ? [] : [held];
    const { commit } = await withRemote(remote, signal, (open) =>
      fetchCommit(open, { store, commit: id, have }, signal),
    );
    latest.set(remote.url, id);
    return commit;
  }

  /** Runs over the store alone; when something was trimmed away, fetches the commit once more and repeats. */
  async function overStore<T>(
    remote: GitRemote,
    commit: GitId,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GitError && error.code === 'GIT_OBJECT_MISSING')) throw error;
      latest.delete(remote.url);
      await commitOf(remote, commit, signal);
      return await work();
    }
  }

  return {
    async resolveRef(remote, ref, signal) {
      const { refs } = await withRemote(remote, signal, (open) =>
        listRefs(open, { prefixes: ['HEAD', 'refs/heads/', 'refs/tags/'] }, signal),
      );
      const resolved = resolveRef(refs, ref);
      if (!resolved.ok) throw new GitError('GIT_REF_MISSING', `${remote.url}: ${resolved.error.text}`);
      return resolved.value.id;
    },
    async readCommit(remote, id, signal) {
      const commit = await commitOf(remote, id, signal);
      return { ...commitInfoOf(commit), tree: commit.tree, parents: commit.parents };
    },
    async verifyCommit(remote, id, signal) {
      const { signers = [], url } = remote;
      if (signers.length > 0) await verifyCommit(await commitOf(remote, id, signal), signers, url);
    },
    listTree: (remote, commit, path, signal) =>
      overStore(remote, commit, signal, async () => {
        const { tree } = await readCommit(store, commit);
        return await listFolder(store, tree, path);
      }),
    async readBlobs(remote, _commit, blobs, signal) {
      const ids = [...new Set(blobs)];
      await withRemote(remote, signal, (open) => fetchBlobs(open, { store, ids }, signal));
      const contents = new Map<GitId, Uint8Array>();
      for (const id of ids) contents.set(id, await readBlob(store, id));
      return contents;
    },
    isAncestor: (remote, older, newer, signal) =>
      withRemote(remote, signal, (open) => isAncestor(open, { ancestor: older, descendant: newer }, signal)),
    async close() {
      await pool.close();
      await store.close();
    },
  };
}

async function settingsFor(
  remote: GitRemote,
  settings: GitReaderSettings,
  signal: AbortSignal,
): Promise<RemoteSettings> {
  const name = remote.credential;
  const credential = name === undefined ? undefined : await settings.credentialOf(name, signal);
  if (name !== undefined && credential === undefined) throw new CredentialMissingError(name, remote.url);
  return {
    url: remote.url,
    allowPlainHttpHosts: settings.allowPlainHttpHosts,
    deniedRanges: settings.deniedRanges,
    ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
    scratchFolder: scratchOf(settings),
    ...(settings.silenceMs === undefined ? {} : { timeouts: { idleMs: settings.silenceMs } }),
    ...(credential === undefined ? {} : { credential: gitCredentialOf(credential) }),
    ...(remote.caBundlePem === undefined ? {} : { caPem: remote.caBundlePem }),
  };
}

function scratchOf({ folder }: GitReaderSettings): string {
  return join(folder, 'scratch');
}

function commitInfoOf(commit: Awaited<ReturnType<typeof readCommit>>): CommitInfo {
  const urgent = urgentIn(commit.message);
  return {
    id: commit.id,
    author: commit.author.name,
    subject: (commit.message.split('\n')[0] ?? '').slice(0, 256),
    committedAtS: commit.committer.atSeconds,
    signature: signatureKind(commit),
    ...(urgent && { urgent }),
  };
}

async function listFolder(
  store: ObjectStore,
  root: GitId,
  path: string,
): Promise<Result<GitTree, GitPathProblem>> {
  const found = await resolvePath(store, root, path);
  if (!found.ok) return found;
  if (found.value.kind !== 'tree')
    return err({ code: 'PATH_THROUGH_FILE', text: `${path} is a file, not a folder` });
  const entries: Entry[] = [];
  await collect(store, { id: found.value.id, prefix: '', depth: 0 }, entries);
  return ok({ treeId: found.value.id, entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)) });
}

async function collect(
  store: ObjectStore,
  folder: { readonly id: GitId; readonly prefix: string; readonly depth: number },
  entries: Entry[],
): Promise<void> {
  if (folder.depth > limits.treeDepthMax) {
    throw new GitError(
      'GIT_TOO_LARGE',
      `folder ${folder.prefix} is deeper than ${limits.treeDepthMax} levels`,
    );
  }
  for (const entry of await readTree(store, folder.id)) {
    // A name with a slash would stand for another folder's file; agents name what is refused.
    if (judgeName(entry.name) !== undefined) continue;
    const path = `${folder.prefix}${entry.name}`;
    entries.push({ path, kind: kindOf(entry), id: entry.id });
    if (entries.length > limits.packObjectsMax) {
      throw new GitError('GIT_TOO_LARGE', `more than ${limits.packObjectsMax} entries below one folder`);
    }
    if (entry.kind === 'tree') {
      await collect(store, { id: entry.id, prefix: `${path}/`, depth: folder.depth + 1 }, entries);
    }
  }
}

function kindOf(entry: TreeEntry): Entry['kind'] {
  switch (entry.kind) {
    case 'tree':
      return 'folder';
    case 'executable':
      return 'file';
    case 'file':
    case 'symlink':
    case 'submodule':
      return entry.kind;
  }
}
