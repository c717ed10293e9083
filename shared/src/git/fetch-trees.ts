import type { GitId } from '../base/index.ts';
import type { FetchStats } from './fetch-stats.ts';
import type { ObjectStore } from './object-store.ts';
import type { Remote } from './remote.ts';

/**
 * How trees were brought, cheapest first: `cache` (nothing was asked), `tree` (exactly the wanted trees), `depth-1` (the
 * whole commit). Later rungs (`filtered`, `native`) slot in between and after.
 */
export type FetchRung = 'cache' | 'tree' | 'depth-1';

/** Which trees are wanted. */
export interface FetchTreesRequest {
  readonly store: ObjectStore;
  /** The commit that the trees belong to: what the depth-1 rung fetches. */
  readonly commit: GitId;
  readonly treeIds: readonly GitId[];
  /** Trees held from the previous version: only what changed since travels. */
  readonly have?: readonly GitId[];
}

/** Trees that are complete in the store: every tree and blob below them, except blobs noted as too large. */
export interface TreesFetch {
  readonly rung: FetchRung;
  /** Rungs that the server definitely refused in this call, with its words. */
  readonly refused: readonly { readonly rung: FetchRung; readonly text: string }[];
  readonly stats: FetchStats;
}

/**
 * Brings whole trees into the store by the cheapest rung that the server serves. A rung is left only on a definite
 * refusal; a 401, a 500 or a time-out is thrown, because the next rung would cost a hundred times more for nothing.
 */
export async function fetchTrees(
  _remote: Remote,
  _request: FetchTreesRequest,
  _signal: AbortSignal,
): Promise<TreesFetch> {
  throw new Error('being built');
}
