import type { ContentFile, ContentPort, FetchedContent } from '@flotilla/agent/ports';
import type { GitId } from '@flotilla/shared/base';
import {
  credentialRefusal,
  GitError,
  readBlob,
  readCommit,
  verifyCommit,
  walkTree,
} from '@flotilla/shared/git';
import type { MemoryGit } from './git.ts';

/**
 * The agent's way to the content of a Git server in memory. Without a cache every fetch asks the server, as on an agent
 * whose cache was trimmed.
 */
export function memoryContent(git: MemoryGit, { isCaching = true } = {}): ContentPort {
  const held = new Set<GitId>();
  const { store } = git.objects;
  return {
    async fetch(content, credential, signal): Promise<FetchedContent> {
      signal.throwIfAborted();
      const refusal = credential && credentialRefusal(credential, content.repositoryUrl);
      if (refusal !== undefined) throw new GitError('GIT_CREDENTIAL_ELSEWHERE', refusal);
      const isHeld = isCaching && content.trees.every(({ treeId }) => held.has(treeId));
      if (!isHeld) {
        git.reach(credential?.kind === 'token' ? credential.token : undefined);
        for (const { treeId } of content.trees) {
          if (!(await store.has(treeId)))
            throw new GitError('GIT_REFUSED', `the server does not have ${treeId}`);
          held.add(treeId);
        }
      }
      if (content.requiredSigners.length > 0) {
        const commit = await readCommit(store, content.commit.id);
        await verifyCommit(commit, content.requiredSigners, content.repositoryUrl);
      }
      const files = new Map<string, ContentFile>();
      const problems: FetchedContent['problems'][number][] = [];
      for (const tree of content.trees) {
        const under = (path: string) => (tree.path === '' ? path : `${tree.path}/${path}`);
        const listing = await walkTree(store, tree.treeId, { blobs: 'required' }, signal);
        problems.push(...listing.problems.map((one) => ({ ...one, path: under(one.path) })));
        for (const { path, id } of listing.files)
          files.set(under(path), { path: under(path), bytes: Uint8Array.from(await readBlob(store, id)) });
      }
      return {
        commit: content.commit.id,
        trees: content.trees,
        files: [...files.values()].sort(byPath),
        problems: problems.sort(byPath),
        rung: isHeld ? 'cache' : 'tree',
      };
    },
  };
}

function byPath(left: { readonly path: string }, right: { readonly path: string }): number {
  return left.path < right.path ? -1 : 1;
}
