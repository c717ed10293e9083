/**
 * What objects say: commits, trees, files, and which names of a tree are refused. Reads only a store.
 * Reading order: parse-tree, parse-commit, signature-kind, read-object, entry-name, tree-listing, walk-tree, resolve-path;
 * missing-objects and copy-trees serve the fetch functions.
 */
export { judgeName } from './entry-name.ts';
export { readBlob, readCommit, readTree } from './read-object.ts';
export { type PathProblem, resolvePath } from './resolve-path.ts';
export { signatureKind } from './signature-kind.ts';
export type { TreeFile, TreeLimits, TreeListing, TreeProblem, TreeProblemCode } from './tree-listing.ts';
export { type WalkOptions, walkTree } from './walk-tree.ts';
