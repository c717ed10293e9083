import type { ClusterUid, Digest, GitId, Result } from '@flotilla/shared/base';
import type { Cluster, Reasoned, Release, Variant } from '@flotilla/shared/model';
import type { FleetSpec, LocatedError, PlacementSpec } from '../fleet-spec/index.ts';
import type { ClosureStep, SourceEntry, SourceSnapshot, SourceTree } from './snapshot.ts';

/** Makes a snapshot's tree from what GitPort.listTree gives for the root of a commit. */
export function sourceTreeOf(_listing: {
  readonly treeId: GitId;
  readonly entries: readonly ({ readonly path: string } & SourceEntry)[];
}): SourceTree {
  throw new Error('being built');
}

/** Either the release, or what must be read first, or why there is none. */
export type ReleaseStep =
  | { readonly kind: 'need'; readonly blobs: readonly GitId[] }
  | { readonly kind: 'done'; readonly release: Release }
  | { readonly kind: 'failed'; readonly errors: readonly LocatedError[] };

/**
 * What a placement is at one commit of its source. Ask again with the needed texts added until it is done; `texts` holds
 * the contents of kustomization files by blob id and may be a cache over all commits.
 */
export function releaseOf(
  _input: { readonly spec: FleetSpec; readonly placement: PlacementSpec; readonly source: SourceSnapshot },
  _texts: ReadonlyMap<GitId, string>,
): ReleaseStep {
  throw new Error('being built');
}

/** One cluster's variant of a release: overrides, then variables. Fails by name when a label is missing. */
export function variantFor(_release: Release, _cluster: Cluster): Result<Variant, Reasoned> {
  throw new Error('being built');
}

/** The variants of many clusters. */
export interface Variants {
  readonly targets: ReadonlyMap<ClusterUid, Digest>;
  readonly variants: ReadonlyMap<Digest, Variant>;
  readonly blocked: ReadonlyMap<ClusterUid, Reasoned>;
}

/** variantFor() over many clusters; equal variants are one object. */
export function variantsFor(_release: Release, _clusters: Iterable<Cluster>): Variants {
  throw new Error('being built');
}

export type { ClosureStep };
