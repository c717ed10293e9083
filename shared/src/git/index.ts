/**
 * Git over smart HTTP, as little of it as possible: exactly the trees, commits and blobs that somebody asked for, each
 * verified by its hash. Nothing is checked out.
 *
 * Words: a *remote* is one repository on one server (`openRemote`); a *store* is a bounded cache of verified objects
 * (`openFolderStore`, `memoryStore`); fetch functions bring objects from a remote into a store; read functions read only
 * the store. Everything that fails throws `GitError` (its codes and what to do are in git-error.ts); an abort throws the
 * signal's reason.
 *
 * The hub, per control repository or source:
 *   const remote = openRemote({ url, credential, ... });
 *   const { refs } = await listRefs(remote, { prefixes: ['HEAD', 'refs/heads/main'] }, signal);
 *   const ref = resolveRef(refs, 'main');                                   // Result, errors name near refs
 *   const { commit } = await fetchCommit(remote, { store, commit: id, have: [previousId] }, signal);
 *   const listing = await walkTree(store, commit.tree, { blobs: 'ignored' }, signal);   // ids of every path, no blobs
 *   await fetchBlobs(remote, { store, ids }, signal);                       // one batch
 *   const bytes = await readBlob(store, fileId);
 *   const entry = await resolvePath(store, commit.tree, 'apps/shop');       // tree id of a placement's path
 *   await isAncestor(remote, { store, ancestor: previousId, descendant: id }, signal);
 *
 * The agent, per assignment:
 *   const { rung } = await fetchTrees(remote, { store, commit, treeIds, have }, signal);
 *   const listing = await walkTree(store, treeId, { blobs: 'required' }, signal);
 *   const bytes = await readBlob(store, file.id);
 *
 * Reading order: git-error, git-object, object-store, remote-settings, remote, ref, list-refs, resolve-ref,
 * fetch-commit, fetch-trees, tree-listing, walk-tree; then pkt-line and pack for what is on the wire.
 */
export { CredentialUnusableError, gitCredentialOf } from './delivered-credential.ts';
export { type FetchBlobsRequest, fetchBlobs } from './fetch-blobs.ts';
export { type CommitFetch, type FetchCommitRequest, fetchCommit } from './fetch-commit.ts';
export type { FetchStats } from './fetch-stats.ts';
export { type FetchRung, type FetchTreesRequest, fetchTrees, type TreesFetch } from './fetch-trees.ts';
export { type FolderStoreOptions, openFolderStore } from './folder-store.ts';
export { GitError, type GitErrorCode, isGitError } from './git-error.ts';
export type { Commit, EntryKind, GitObject, ObjectType, Signature, TreeEntry } from './git-object.ts';
export { type Ancestry, type AncestryRequest, isAncestor } from './is-ancestor.ts';
export { type ListRefsRequest, listRefs } from './list-refs.ts';
export { memoryStore } from './memory-store.ts';
export type { ObjectFormat } from './object-format.ts';
export type { ObjectStore } from './object-store.ts';
export { readBlob, readCommit, readTree } from './read-object.ts';
export type { Ref, RefList, ServerCapabilities } from './ref.ts';
export { openRemote, type Remote } from './remote.ts';
export type { FetchLimits, GitCredential, GitTimeouts, RemoteSettings } from './remote-settings.ts';
export { type PathProblem, resolvePath } from './resolve-path.ts';
export { type RefProblem, type ResolvedRef, resolveRef } from './resolve-ref.ts';
export type { TreeFile, TreeLimits, TreeListing, TreeProblem, TreeProblemCode } from './tree-listing.ts';
export { type WalkOptions, walkTree } from './walk-tree.ts';
