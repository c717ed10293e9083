import { digestOf, type GitId, type Json } from '@flotilla/shared/base';
import type { HelmOptions, Release, ReleaseOverride, ReleaseRecipe, TreeRef } from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';
import type { LocatedError, PathSpec } from '../fleet-spec/index.ts';
import type { ResolvedOverride, ResolvedPlacement } from '../placement/index.ts';
import { closureOf } from './closure.ts';
import { folderAt, type SourceSnapshot } from './snapshot.ts';
import { valuesFileProblems } from './values-files.ts';

/** Either the release, or what must be read first, or why there is none. */
export type ReleaseStep =
  | { readonly kind: 'need'; readonly blobs: readonly GitId[] }
  | { readonly kind: 'done'; readonly release: Release }
  | { readonly kind: 'failed'; readonly errors: readonly LocatedError[] };

/**
 * What a placement is at one commit of its source. Ask again with the needed texts added until it is done or failed;
 * `texts` holds the contents of kustomization files by blob id and may be a cache over all commits. `before` is what an
 * earlier look at the same placement came to: while its trees are the same, so is all but the commit.
 */
export function releaseOf(
  placement: ResolvedPlacement,
  source: SourceSnapshot,
  texts: ReadonlyMap<GitId, string>,
  before?: ReleaseMade,
): ReleaseStep {
  const again = before?.placement === placement ? releaseAgain(before.release, source) : undefined;
  if (again !== undefined) return { kind: 'done', release: again };
  const { spec } = placement;
  const paths: PathSpec[] = [{ path: spec.source.path, at: spec.source.pathAt }];
  for (const { overlay } of placement.overrides) if (overlay !== undefined) paths.push(overlay);
  const mayBeKustomize = spec.renderer === 'auto' || spec.renderer === 'kustomize';
  const found = new Map<string, readonly TreeRef[]>();
  const errors: LocatedError[] = [];
  const blobs: GitId[] = [];
  for (const path of paths) {
    if (found.has(path.path)) continue;
    const step = closureOf(
      { path, includes: spec.source.includes, tree: source.tree, mayBeKustomize },
      texts,
    );
    if (step.kind === 'need') blobs.push(...step.blobs);
    else if (step.kind === 'failed') errors.push(...step.errors);
    else {
      found.set(path.path, step.trees);
      errors.push(...valuesFileProblems(spec.helm, path, { tree: source.tree, trees: step.trees }));
    }
  }
  if (blobs.length > 0) return { kind: 'need', blobs: [...new Set(blobs)].sort() };
  if (errors.length > 0) return { kind: 'failed', errors };
  const treesOf = (path: string) => found.get(path) ?? [];
  const recipe: ReleaseRecipe = {
    base: baseOf(placement, source, treesOf(spec.source.path)),
    overrides: placement.overrides.map((one) => overrideOf(one, treesOf)),
  };
  return { kind: 'done', release: { digest: releaseDigest(recipe), commit: source.commit, recipe } };
}

/** A release, and the placement that it was made for. */
export interface ReleaseMade {
  readonly placement: ResolvedPlacement;
  readonly release: Release;
}

/**
 * The release of the same placement at another commit of its source that leaves each of its trees as it was; undefined = one of
 * them is another. Its path, its includes and every file that its kustomization files name lie in these trees, so whoever
 * followed them again would find the same.
 */
function releaseAgain({ digest, recipe }: Release, source: SourceSnapshot): Release | undefined {
  const { base, overrides } = recipe;
  const isSame = ({ path, treeId }: TreeRef) => folderAt(source.tree, path) === treeId;
  if (!isSameSource(base.content, source) || !base.content.trees.every(isSame)) return undefined;
  if (!overrides.every(({ trees }) => trees?.every(isSame) ?? true)) return undefined;
  const { commit, ref } = source;
  const content = { ...base.content, commit, ref };
  return { digest, commit, recipe: { base: { ...base, content }, overrides } };
}

function isSameSource(before: ReleaseRecipe['base']['content'], now: SourceSnapshot): boolean {
  return (
    before.repositoryUrl === now.repositoryUrl &&
    before.credential === now.credential &&
    before.caBundlePem === now.caBundlePem &&
    before.requiredSigners.length === now.requiredSigners.length &&
    before.requiredSigners.every((one, index) => one === now.requiredSigners[index])
  );
}

/** Digest of all that a recipe does to clusters; the commit and the health times are not in it. */
function releaseDigest(recipe: ReleaseRecipe): Release['digest'] {
  // Overrides are plain data of the model; every member is JSON.
  return digestOf({ base: variantDigest(recipe.base), overrides: recipe.overrides as unknown as Json });
}

function baseOf(
  placement: ResolvedPlacement,
  source: SourceSnapshot,
  trees: readonly TreeRef[],
): ReleaseRecipe['base'] {
  const { spec, strategy } = placement;
  const deadlines = [spec.deadlineMs, strategy?.deadlineMs].filter((one) => one !== undefined);
  return {
    content: {
      repositoryUrl: source.repositoryUrl,
      credential: source.credential,
      commit: source.commit,
      ref: source.ref,
      trees,
      requiredSigners: source.requiredSigners,
      caBundlePem: source.caBundlePem,
    },
    render: {
      renderer: spec.renderer,
      helm: spec.helm,
      namespace: spec.namespace,
      patches: [],
      variables: spec.variables,
    },
    apply: spec.apply,
    health: { deadlineMs: Math.max(1, Math.min(...deadlines)), soakMs: 0, checks: spec.checks },
    prune: spec.prune,
  };
}

function overrideOf(
  override: ResolvedOverride,
  treesOf: (path: string) => readonly TreeRef[],
): ReleaseOverride {
  return {
    clusters: override.clusters,
    trees: override.overlay === undefined ? undefined : treesOf(override.overlay.path),
    valuesJson: override.valuesJson,
    patches: override.patches,
  };
}

/** Helm options when values come from an override alone. */
export const noHelm: HelmOptions = { releaseName: undefined, valuesFiles: [], valuesJson: undefined };
