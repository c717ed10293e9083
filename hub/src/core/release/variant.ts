import {
  assert,
  type ClusterUid,
  type Digest,
  err,
  type Json,
  ok,
  type Result,
  stableJson,
} from '@flotilla/shared/base';
import type {
  Cluster,
  Reasoned,
  Release,
  ReleaseOverride,
  ReleaseRecipe,
  RenderPatch,
  Variant,
} from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';
import { CelReader, knownMatch } from '../placement/index.ts';
import { noHelm } from './release.ts';
import { findVariables, substituteJson, substituteText } from './variables.ts';

/** The variants of many clusters. */
export interface Variants {
  readonly targets: ReadonlyMap<ClusterUid, Digest>;
  readonly variants: ReadonlyMap<Digest, Variant>;
  /** Clusters whose variant cannot be made, with the reason. */
  readonly blocked: ReadonlyMap<ClusterUid, Reasoned>;
}

/**
 * One cluster's variant of a release: overrides in order, then variables. Fails by name when a label is missing, or when an
 * override asks for facts that nobody knows: what is applied must not depend on whether an agent has spoken yet.
 */
export function variantFor(release: Release, cluster: Cluster): Result<Variant, Reasoned> {
  const made = contentFor(release, cluster, new CelReader());
  return made.ok ? ok({ ...made.value, digest: variantDigest(made.value) }) : made;
}

function contentFor(
  release: Release,
  cluster: Cluster,
  reader: CelReader,
): Result<ReleaseRecipe['base'], Reasoned> {
  const matched = matching(release.recipe, cluster, reader);
  return matched.ok ? replaced(applyOverrides(release.recipe, matched.value), cluster) : matched;
}

/** The variants of a release, as they were made for some clusters. */
export interface MadeVariants extends Variants {
  readonly release: Release;
  readonly clusters: readonly Cluster[];
}

/**
 * variantFor() over many clusters, without making the same variant twice. Where an earlier release (`before`) has the same
 * digest and went to the same clusters (the same list), who gets what is taken over; what is in no digest, as the commit, is
 * the new release's.
 */
export function variantsFor(release: Release, clusters: readonly Cluster[], before?: MadeVariants): Variants {
  const isSame = before?.release.digest === release.digest && before.clusters === clusters;
  return isSame ? variantsAgain(release, before) : variantsNow(release, clusters);
}

/** What a digest leaves out is the same for all variants of a release: no override speaks of it. */
function variantsAgain({ recipe }: Release, before: MadeVariants): Variants {
  const { content, health } = recipe.base;
  const { commit, ref } = content;
  const { deadlineMs, soakMs } = health;
  const variants = new Map<Digest, Variant>();
  for (const [digest, variant] of before.variants) {
    variants.set(digest, {
      ...variant,
      content: { ...variant.content, commit, ref },
      health: { ...variant.health, deadlineMs, soakMs },
    });
  }
  return { targets: before.targets, variants, blocked: before.blocked };
}

function variantsNow(release: Release, clusters: Iterable<Cluster>): Variants {
  const targets = new Map<ClusterUid, Digest>();
  const variants = new Map<Digest, Variant>();
  const blocked = new Map<ClusterUid, Reasoned>();
  const byOverrides = new Map<string, ReleaseRecipe['base']>();
  const finished = new Map<string, Variant>();
  const reader = new CelReader();
  for (const cluster of clusters) {
    const overrides = matching(release.recipe, cluster, reader);
    if (!overrides.ok) {
      blocked.set(cluster.uid, overrides.error);
      continue;
    }
    const key = overrides.value.join(' ');
    const plain = byOverrides.get(key) ?? applyOverrides(release.recipe, overrides.value);
    byOverrides.set(key, plain);
    const shared = finished.get(key);
    const made = shared === undefined ? finish(plain, cluster) : ok(shared);
    if (!made.ok) {
      blocked.set(cluster.uid, made.error);
      continue;
    }
    if (shared === undefined && !hasVariables(plain)) finished.set(key, made.value);
    targets.set(cluster.uid, made.value.digest);
    variants.set(made.value.digest, made.value);
  }
  return { targets, variants, blocked };
}

/** Indexes of the overrides that take a cluster, by the facts known last: a cluster that is away keeps its variant. */
function matching(
  recipe: ReleaseRecipe,
  cluster: Cluster,
  reader: CelReader,
): Result<readonly number[], Reasoned> {
  const indexes: number[] = [];
  for (const [index, { clusters }] of recipe.overrides.entries()) {
    const takes = knownMatch(clusters, cluster, reader);
    if (!takes.ok) return takes;
    if (takes.value) indexes.push(index);
  }
  return ok(indexes);
}

function applyOverrides(recipe: ReleaseRecipe, indexes: readonly number[]): ReleaseRecipe['base'] {
  return indexes.reduce((variant, index) => {
    const override = recipe.overrides[index];
    assert(override !== undefined, 'an override that matched is in the recipe');
    return applyOverride(variant, override);
  }, recipe.base);
}

function applyOverride(variant: ReleaseRecipe['base'], override: ReleaseOverride): ReleaseRecipe['base'] {
  const helm = variant.render.helm ?? noHelm;
  const valuesJson = mergeJson(helm.valuesJson, override.valuesJson);
  return {
    ...variant,
    content: { ...variant.content, trees: override.trees ?? variant.content.trees },
    render: {
      ...variant.render,
      helm: override.valuesJson === undefined ? variant.render.helm : { ...helm, valuesJson },
      patches: [...variant.render.patches, ...override.patches],
    },
  };
}

/** Mappings are merged, everything else is replaced, as Helm does with values. */
function mergeJson(base: string | undefined, over: string | undefined): string | undefined {
  if (base === undefined || over === undefined) return over ?? base;
  return stableJson(merge(parseJson(base), parseJson(over)));
}

function merge(base: Json, over: Json): Json {
  if (!isMapping(base) || !isMapping(over)) return over;
  const merged = new Map<string, Json | undefined>(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const before = merged.get(key);
    merged.set(key, before === undefined || value === undefined ? value : merge(before, value));
  }
  return Object.fromEntries(merged);
}

function isMapping(value: Json): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses text that stableJson() made. */
function parseJson(text: string): Json {
  // JSON.parse gives nothing but JSON.
  return JSON.parse(text) as Json;
}

/** Replaces the variables. */
function replaced(plain: ReleaseRecipe['base'], cluster: Cluster): Result<ReleaseRecipe['base'], Reasoned> {
  const done = hasVariables(plain) ? substitute(plain, cluster) : ok(plain);
  if (done.ok) return done;
  const text = `${cluster.name} has no value for ${done.error}; set the label or exclude the cluster`;
  return err({ code: 'VariableMissing', subject: cluster.name, text });
}

function finish(plain: ReleaseRecipe['base'], cluster: Cluster): Result<Variant, Reasoned> {
  const made = replaced(plain, cluster);
  return made.ok ? ok({ ...made.value, digest: variantDigest(made.value) }) : made;
}

function hasVariables(variant: ReleaseRecipe['base']): boolean {
  const { render } = variant;
  const texts = [
    render.helm?.valuesJson ?? '',
    ...render.patches.map((one) => one.patchJson),
    ...Object.values(render.variables),
  ];
  return texts.some(
    (text) => text.includes('${cluster.') && (findVariables(text).length > 0 || text.includes('$${')),
  );
}

function substitute(plain: ReleaseRecipe['base'], cluster: Cluster): Result<ReleaseRecipe['base'], string> {
  const { render } = plain;
  const values =
    render.helm?.valuesJson === undefined ? ok(undefined) : inJson(render.helm.valuesJson, cluster);
  if (!values.ok) return values;
  const patches: RenderPatch[] = [];
  for (const patch of render.patches) {
    const replaced = inJson(patch.patchJson, cluster);
    if (!replaced.ok) return replaced;
    patches.push({ ...patch, patchJson: replaced.value });
  }
  const variables: [string, string][] = [];
  for (const [name, text] of Object.entries(render.variables)) {
    const replaced = substituteText(text, cluster);
    if (!replaced.ok) return replaced;
    variables.push([name, replaced.value]);
  }
  const helm = render.helm === undefined ? undefined : { ...render.helm, valuesJson: values.value };
  return ok({ ...plain, render: { ...render, helm, patches, variables: Object.fromEntries(variables) } });
}

/** Replaces inside the texts of JSON, so that no label value can break out of one. */
function inJson(text: string, cluster: Cluster): Result<string, string> {
  const replaced = substituteJson(parseJson(text), cluster);
  return replaced.ok ? ok(stableJson(replaced.value)) : replaced;
}
