import type { Digest } from '../base/index.ts';
import type { CommitInfo, RenderPatch, TreeRef, Variant } from './assignment.ts';
import type { ClusterSelector } from './selector.ts';

/**
 * What a placement resolved to at one commit. It carries the whole recipe, so that a cluster that joins later gets its
 * variant of this release without Git and without the files as they were then.
 */
export interface Release {
  /** Digest over the recipe without the commit: two releases with equal digests give every cluster the same. */
  readonly digest: Digest;
  readonly commit: CommitInfo;
  readonly recipe: ReleaseRecipe;
}

/** From this and a cluster's name and labels alone follows the cluster's variant. */
export interface ReleaseRecipe {
  /** What a cluster without overrides gets. Values, patches and variables may hold `${cluster.name}` and `${cluster.labels.KEY}`. */
  readonly base: Omit<Variant, 'digest'>;
  /** In order; each one that matches is applied over those before it. */
  readonly overrides: readonly ReleaseOverride[];
}

/** What differs on some clusters. */
export interface ReleaseOverride {
  readonly clusters: ClusterSelector;
  /** Rendered instead of the base's trees; undefined = the same. */
  readonly trees: readonly TreeRef[] | undefined;
  /** JSON object merged over the values so far; undefined = none. */
  readonly valuesJson: string | undefined;
  /** Applied after the patches so far. */
  readonly patches: readonly RenderPatch[];
}
