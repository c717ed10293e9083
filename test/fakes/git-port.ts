import type { GitPort, GitRemote, GitTree } from '@flotilla/hub/ports';
import { err, FlotillaError, type GitId, ok } from '@flotilla/shared/base';
import {
  credentialRefusal,
  GitError,
  readCommit,
  readTree,
  resolvePath,
  resolveRef,
  signatureKind,
  verifyCommit,
} from '@flotilla/shared/git';
import { urgentIn } from '@flotilla/shared/model';
import type { MemoryGit } from './git.ts';

/** A token that is mounted into the hub, and the server it is for. */
export interface MountedToken {
  readonly url: string;
  readonly token: string;
}

/** The hub's eyes on that server. `tokens` are the mounted credentials by name. */
export function memoryGitPort(
  git: MemoryGit,
  tokens: ReadonlyMap<string, MountedToken> = new Map(),
): GitPort {
  const held = new Set<GitId>();
  const { store } = git.objects;

  function tokenOf({ credential, url }: GitRemote): string | undefined {
    if (credential === undefined) return undefined;
    const mounted = tokens.get(credential);
    if (mounted === undefined) {
      const code = 'CREDENTIAL_MISSING';
      throw new FlotillaError(`credential ${credential} for ${url} is not there`, { code, retry: 'backoff' });
    }
    const refusal = credentialRefusal({ name: credential, url: mounted.url }, url);
    if (refusal !== undefined) throw new GitError('GIT_CREDENTIAL_ELSEWHERE', refusal);
    return mounted.token;
  }

  /** Brings a commit, unless it is held. */
  async function hold(remote: GitRemote, commit: GitId): Promise<void> {
    if (held.has(commit)) return;
    git.reach(tokenOf(remote));
    if (!(await store.has(commit))) throw new GitError('GIT_REFUSED', `the server does not have ${commit}`);
    held.add(commit);
  }

  return {
    async resolveRef(remote, ref, signal) {
      signal.throwIfAborted();
      git.reach(tokenOf(remote));
      const found = resolveRef(git.refs(), ref);
      if (!found.ok) throw new GitError('GIT_REF_MISSING', found.error.text);
      return found.value.id;
    },
    async readCommit(remote, id, signal) {
      signal.throwIfAborted();
      await hold(remote, id);
      const commit = await readCommit(store, id);
      const { author, message, committer, tree, parents } = commit;
      const subject = message.split('\n')[0] ?? '';
      const urgent = urgentIn(message);
      const said = { id, author: author.name, subject, committedAtS: committer.atSeconds };
      return { ...said, signature: signatureKind(commit), ...(urgent && { urgent }), tree, parents };
    },
    async verifyCommit(remote, id, signal) {
      signal.throwIfAborted();
      const { signers = [], url } = remote;
      if (signers.length === 0) return;
      await hold(remote, id);
      await verifyCommit(await readCommit(store, id), signers, url);
    },
    async listTree(remote, commit, path, signal) {
      signal.throwIfAborted();
      await hold(remote, commit);
      const found = await resolvePath(store, (await readCommit(store, commit)).tree, path);
      if (!found.ok) return found;
      if (found.value.kind !== 'tree')
        return err({ code: 'PATH_THROUGH_FILE', text: `${path} is a file, not a folder` });
      const entries = (await below(git, found.value.id, '')).sort((a, b) => (a.path < b.path ? -1 : 1));
      return ok({ treeId: found.value.id, entries });
    },
    async readBlobs(remote, _commit, blobs, signal) {
      signal.throwIfAborted();
      if (blobs.some((id) => !held.has(id))) git.reach(tokenOf(remote));
      const contents = new Map<GitId, Uint8Array>();
      for (const id of blobs) {
        const blob = await store.get(id);
        if (blob === undefined) throw new GitError('GIT_REFUSED', `the server does not have ${id}`);
        contents.set(id, Uint8Array.from(blob.data));
        held.add(id);
      }
      return contents;
    },
    async isAncestor(remote, older, newer, signal) {
      signal.throwIfAborted();
      git.reach(tokenOf(remote));
      return git.objects.isAncestor(older, newer) ? 'yes' : 'no';
    },
  };
}

/** Everything below a tree, in no order. */
async function below(git: MemoryGit, tree: GitId, prefix: string): Promise<GitTree['entries'][number][]> {
  const entries: GitTree['entries'][number][] = [];
  for (const { name, kind, id } of await readTree(git.objects.store, tree)) {
    const path = `${prefix}${name}`;
    if (kind === 'tree') entries.push({ path, kind: 'folder', id }, ...(await below(git, id, `${path}/`)));
    else entries.push({ path, kind: kind === 'executable' ? 'file' : kind, id });
  }
  return entries;
}
