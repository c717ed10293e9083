/**
 * Git over smart HTTP and SSH, as little of it as possible: exactly the trees, commits and blobs that somebody asked for, each
 * verified by its hash. Nothing is checked out.
 *
 * Words: a *remote* is one repository on one server (`openRemote`); a *store* is a bounded cache of verified objects
 * (`openFolderStore`, `memoryStore`); fetch functions bring objects from a remote into a store; read functions read only
 * the store. Everything that fails throws `GitError` (its codes and what to do are in git-error.ts); an abort throws the
 * signal's reason.
 *
 * The hub, per control repository or source:
 *   const remotes = remotePool();                                           // one for the program
 *   await using remote = remotes.open({ url, credential, ... });            // openRemote for a single use
 *   const { refs } = await listRefs(remote, { prefixes: ['HEAD', 'refs/heads/main'] }, signal);
 *   const ref = resolveRef(refs, 'main');                                   // Result, errors name near refs
 *   const { commit } = await fetchCommit(remote, { store, commit: id, have: [previousId] }, signal);
 *   const listing = await walkTree(store, commit.tree, { blobs: 'ignored' }, signal);   // ids of every path, no blobs
 *   await fetchBlobs(remote, { store, ids }, signal);                       // one batch
 *   const bytes = await readBlob(store, fileId);
 *   await verifyCommit(commit, signers, remote.url);                        // where a source asks for it
 *   const entry = await resolvePath(store, commit.tree, 'apps/shop');       // tree id of a placement's path
 *   await isAncestor(remote, { ancestor: previousId, descendant: id }, signal);
 *
 * The agent, per assignment:
 *   const { rung } = await fetchTrees(remote, { store, commit, treeIds, have }, signal);
 *   const listing = await walkTree(store, treeId, { blobs: 'required' }, signal);
 *   const bytes = await readBlob(store, file.id);
 *
 * Reading order: git-error, git-object, then the folders store, wire, pack, tree, refs, fetch, signature.
 */
export { gitCredentialOf } from './delivered-credential.ts';
export * from './fetch/index.ts';
export { GitError, type GitErrorCode, isGitError } from './git-error.ts';
export type { Commit, EntryKind, GitObject, ObjectType, Signature, TreeEntry } from './git-object.ts';
export { hashObject } from './hash-object.ts';
export type { ObjectFormat } from './object-format.ts';
export * from './refs/index.ts';
export * from './signature/index.ts';
export * from './store/index.ts';
export * from './tree/index.ts';
export * from './wire/index.ts';
