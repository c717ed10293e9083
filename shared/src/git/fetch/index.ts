/**
 * What the two programs ask of a server, each bringing exactly what was asked for into a store.
 * Reading order: fetch-objects (one request), fetch-commit and fetch-blobs (the hub), fetch-trees (the agent, a ladder of
 * rungs), depth-one and v0-exchange (the rung below, by isomorphic-git), is-ancestor.
 */
export { type FetchBlobsRequest, fetchBlobs } from './fetch-blobs.ts';
export { type CommitFetch, type FetchCommitRequest, fetchCommit } from './fetch-commit.ts';
export type { FetchStats } from './fetch-stats.ts';
export {
  type FetchRung,
  type FetchTreesRequest,
  fetchTrees,
  type RefusedRung,
  type TreesFetch,
} from './fetch-trees.ts';
export { type Ancestry, type AncestryRequest, isAncestor } from './is-ancestor.ts';
