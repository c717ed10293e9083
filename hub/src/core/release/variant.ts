import { type ClusterUid, type Digest, err, ok, type Result, stableJson } from '@flotilla/shared/base';
import type { Cluster, Reasoned, Release, ReleaseRecipe, RenderPatch, Variant } from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';
import { CelReader } from '../placement/index.ts';
import { applyOverrides, overridesFor, parseJson } from './overrides.ts';
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
  const taken = overridesFor(release.recipe, reader)(cluster);
  return typeof taken === 'string' ? replaced(applyOverrides(release.recipe, taken), cluster) : err(taken);
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
  const plains = new Map<string, PlainVariant>();
  const overridesOf = overridesFor(release.recipe, new CelReader());
  for (const cluster of clusters) {
    const taken = overridesOf(cluster);
    if (typeof taken !== 'string') {
      blocked.set(cluster.uid, taken);
      continue;
    }
    const plain = plains.get(taken) ?? plainVariant(applyOverrides(release.recipe, taken));
    if (plain.shared === undefined) plains.set(taken, plain);
    else {
      targets.set(cluster.uid, plain.shared);
      continue;
    }
    const made = finish(plain.content, cluster);
    if (!made.ok) {
      blocked.set(cluster.uid, made.error);
      continue;
    }
    const { digest } = made.value;
    if (!plain.hasVariables) plain.shared = digest;
    targets.set(cluster.uid, digest);
    variants.set(digest, made.value);
  }
  return { targets, variants, blocked };
}

/** What clusters that take the same overrides get, variables still in it. */
interface PlainVariant {
  readonly content: ReleaseRecipe['base'];
  readonly hasVariables: boolean;
  /** Digest of what all of them get, once it is made; never of what has variables. */
  shared: Digest | undefined;
}

function plainVariant(content: ReleaseRecipe['base']): PlainVariant {
  return { content, hasVariables: hasVariables(content), shared: undefined };
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
