import { assert, type Json, stableJson } from '@flotilla/shared/base';
import type { Cluster, Reasoned, ReleaseOverride, ReleaseRecipe } from '@flotilla/shared/model';
import { type CelReader, knownMatch, labelsMatch } from '../placement/index.ts';
import { noHelm } from './release.ts';

/** Indexes of overrides with a blank behind each. */
export type Taken = string;

/**
 * Which overrides take a cluster, by the facts known last: a cluster that is away keeps its variant; the reason when nobody can
 * say. What is known of the recipe is found out once: it is asked for every cluster of the fleet.
 */
export function overridesFor(
  recipe: ReleaseRecipe,
  reader: CelReader,
): (cluster: Cluster) => Taken | Reasoned {
  const rules = recipe.overrides.map(({ clusters }, index) => ({
    clusters,
    index: `${index} `,
    // Labels and names alone say.
    isPlain: clusters.cel === undefined && clusters.groups.length === 0,
  }));
  return (cluster) => {
    let taken = '';
    for (const { clusters, index, isPlain } of rules) {
      if (isPlain) {
        if (labelsMatch(clusters, cluster)) taken += index;
        continue;
      }
      const takes = knownMatch(clusters, cluster, reader);
      if (!takes.ok) return takes.error;
      if (takes.value) taken += index;
    }
    return taken;
  };
}

/** The content of a release for those that take these overrides. */
export function applyOverrides(recipe: ReleaseRecipe, taken: Taken): ReleaseRecipe['base'] {
  const indexes = taken.split(' ').slice(0, -1).map(Number);
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
export function parseJson(text: string): Json {
  // JSON.parse gives nothing but JSON.
  return JSON.parse(text) as Json;
}
