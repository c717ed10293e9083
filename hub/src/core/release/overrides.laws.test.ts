import type { ClusterSelector, ReleaseRecipe } from '@flotilla/shared/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CelReader, knownMatch, resolvePlacements } from '../placement/index.ts';
import { cluster, placementDocument, specFrom } from '../placement/placement-fixture.ts';
import { overridesFor } from './overrides.ts';
import { releaseOf } from './release.ts';
import { sourceOf, textsOf } from './release-fixture.ts';
import { variantFor, variantsFor } from './variant.ts';

const regions = ['eu', 'us'];
const clusters = ['a', 'b', 'c', 'd', 'e'].map((name, index) => {
  const values = { kubernetes: `v1.${28 + index}.0`, nodes: index, agent: '', isSimulated: false, more: {} };
  const labels = index === 4 ? {} : { region: regions[index % 2] ?? '', zone: `z${index % 3}` };
  // One has said nothing of itself yet.
  return cluster(name, labels, index === 3 ? {} : { facts: { isFresh: index !== 1, values } });
});

const plain: fc.Arbitrary<ClusterSelector> = fc.record({
  matchLabels: fc.constantFrom({}, { region: 'eu' }, { zone: 'z1' }),
  matchExpressions: fc.constantFrom([], [{ key: 'zone', operator: 'Exists' as const, values: [] }]),
  names: fc.constantFrom([], ['a' as never, 'd' as never]),
  groups: fc.constant([]),
  exclude: fc.constantFrom([], ['b' as never]),
});
const selector: fc.Arbitrary<ClusterSelector> = fc.oneof(
  plain,
  fc
    .tuple(plain, fc.constantFrom('facts.nodes > 1', 'labels.zone == "z0"', 'labels.missing == "x"'))
    .map(([one, cel]) => ({ ...one, cel })),
  fc.tuple(plain, plain).map(([one, inner]) => ({ ...one, groups: [{ name: 'g', selector: inner }] })),
);

/** A release whose overrides have these selectors; each puts another patch in, the second with a variable. */
function releaseWith(selectors: readonly ClusterSelector[]) {
  const text = placementDocument('shop', '{names: [a]}');
  const [placement] = resolvePlacements(specFrom(text), []).placements;
  const files = { 'apps/shop/a.yaml': 'kind: Job' };
  const step = placement && releaseOf(placement, sourceOf(files), textsOf(files));
  if (step?.kind !== 'done') throw new Error('a sound release');
  const overrides = selectors.map((one, index) => ({
    clusters: one,
    trees: undefined,
    valuesJson: index === 1 ? `{"zone":"\${cluster.labels.zone}"}` : `{"at${index}":1}`,
    patches: [],
  }));
  const recipe: ReleaseRecipe = { base: step.release.recipe.base, overrides };
  return { ...step.release, recipe };
}

it('takes the overrides that each of the selectors says for itself, or says which one nobody can answer', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(selector, { maxLength: 4 }), (selectors) => {
      const { recipe } = releaseWith(selectors);
      const overridesOf = overridesFor(recipe, new CelReader());
      for (const one of clusters) {
        const each = selectors.map((rule) => knownMatch(rule, one, new CelReader()));
        const unknown = each.find((answer) => !answer.ok);
        const taken = each.flatMap((answer, index) => (answer.ok && answer.value ? [`${index} `] : []));
        const expected = unknown === undefined || unknown.ok ? taken.join('') : unknown.error;
        expect(overridesOf(one)).toEqual(expected);
        seen.add(typeof expected === 'string' ? expected : 'unknown');
      }
    }),
    { numRuns: 200 },
  );
  expect(seen.size).toBeGreaterThan(5);
  expect(seen).toContain('unknown');
});

it('gives many clusters at once what each is given alone', () => {
  fc.assert(
    fc.property(fc.array(selector, { maxLength: 4 }), (selectors) => {
      const release = releaseWith(selectors);
      const { blocked, targets, variants } = variantsFor(release, clusters);
      for (const one of clusters) {
        const alone = variantFor(release, one);
        const digest = targets.get(one.uid);
        if (alone.ok) expect(digest && variants.get(digest)).toEqual(alone.value);
        else expect([digest, blocked.get(one.uid)]).toEqual([undefined, alone.error]);
      }
      expect(new Set(targets.values())).toEqual(new Set(variants.keys()));
    }),
    { numRuns: 200 },
  );
});
