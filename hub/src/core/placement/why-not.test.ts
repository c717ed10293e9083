import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cluster, placementDocument, specFrom } from './placement-fixture.ts';
import { resolvePlacements } from './resolve.ts';
import { excludedBy } from './why-not.ts';

const noFacts = { agent: '0.1.0', isSimulated: false, kubernetes: '', more: {}, nodes: 3 };
const group = 'kind: ClusterGroup\nmetadata: {name: blue}\nspec: {clusters: {matchLabels: {colour: blue}}}';
const edge = cluster('edge', { env: 'test', tier: 'web' }, { taints: [{ key: 'gpu', value: '' }] });

function resolvedFor(selector: string, clusters = [edge]) {
  const [resolved] = resolvePlacements(
    specFrom(placementDocument('shop', selector), group),
    clusters,
  ).placements;
  if (resolved === undefined) throw new Error('no placement');
  return resolved;
}

describe('why a placement is not on a cluster', () => {
  it.each([
    ['{matchLabels: {env: prod}}', 'LabelDiffers', 'set label env=prod on edge, or change matchLabels'],
    [
      '{matchExpressions: [{key: env, operator: In, values: [a, b]}]}',
      'ExpressionFails',
      'set label env to a or b on edge, or change matchExpressions',
    ],
    [
      '{matchExpressions: [{key: env, operator: NotIn, values: [test]}]}',
      'ExpressionFails',
      'set label env to something else than test on edge, or take it off, or change matchExpressions',
    ],
    [
      '{matchExpressions: [{key: site, operator: Exists}]}',
      'ExpressionFails',
      'set label site on edge, or change matchExpressions',
    ],
    [
      '{matchExpressions: [{key: tier, operator: DoesNotExist}]}',
      'ExpressionFails',
      'take label tier off edge, or change matchExpressions',
    ],
    ['{names: [eu-1]}', 'NameNotListed', 'add edge to names'],
    ['{matchLabels: {env: test}, exclude: [edge]}', 'NameExcluded', 'take edge out of exclude'],
    [
      '{group: blue}',
      'LabelDiffers',
      'set label colour=blue on edge, or change matchLabels of ClusterGroup blue',
    ],
    ['{matchLabels: {env: test}}', 'Tainted', 'add gpu to clusters.tolerate, or take the taint off edge'],
  ])('%s: %s, and what would have to change', (selector, code, change) => {
    expect(excludedBy(resolvedFor(selector), edge)?.reasons).toContainEqual(
      expect.objectContaining({ code, change, subject: 'edge' }),
    );
  });

  it("says a cluster's turn where only some are picked, and that a cordoned one has none", () => {
    const fleet = [...'abcd'].map((name) => cluster(name, { env: 'prod' }, { isCordoned: name === 'd' }));
    const resolved = resolvedFor('{matchLabels: {env: prod}, pick: {count: 1}}', fleet);
    const said = fleet.flatMap((one) => excludedBy(resolved, one)?.reasons ?? []);
    expect(said).toHaveLength(3);
    expect(said.map(({ change }) => change).sort()).toEqual([
      'raise clusters.pick.count to 2, or leave clusters before it out by clusters.exclude',
      'raise clusters.pick.count to 3, or leave clusters before it out by clusters.exclude',
      'uncordon d',
    ]);
  });

  it("says a cluster's turn where it keeps the placement whatever its facts say, and a pick leaves it out", () => {
    const stale = { isFresh: false, values: { ...noFacts, kubernetes: 'v1.29.3' } };
    const fleet = ['a', 'b'].map((name) => cluster(name, { env: 'prod' }, { facts: stale }));
    const rule = `{matchLabels: {env: prod}, cel: "facts.nodes > 2", pick: {count: 1}}`;
    const running = new Set(fleet.map(({ uid }) => uid));
    const [resolved] = resolvePlacements(specFrom(placementDocument('shop', rule)), fleet, () => ({
      running,
      planned: new Set(),
    })).placements;
    expect(resolved?.kept.size).toBe(2);
    const said = fleet.map((one) => excludedBy(resolved!, one)?.reasons.map(({ code }) => code));
    expect(said.filter((one) => one === undefined)).toHaveLength(1);
    expect(said).toContainEqual(['NotPicked']);
  });

  it('is true: with the count that it names, the cluster is picked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 6 }), (size, count) => {
        const fleet = Array.from({ length: size }, (_, index) =>
          cluster(`c-${index}`, { env: 'prod', region: `r${index % 3}` }),
        );
        const rule = (taken: number) =>
          `{matchLabels: {env: prod}, pick: {count: ${taken}, spreadBy: region}}`;
        const resolved = resolvedFor(rule(count), fleet);
        for (const one of fleet) {
          const [why] = excludedBy(resolved, one)?.reasons ?? [];
          if (why === undefined) continue;
          const named = Number(/count to (\d+)/.exec(why.change ?? '')?.[1]);
          expect(excludedBy(resolvedFor(rule(named), fleet), one)).toBeUndefined();
          expect(excludedBy(resolvedFor(rule(named - 1), fleet), one)).toBeDefined();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is true: who does what it says of labels and names is taken', () => {
    const resolved = resolvedFor('{matchLabels: {env: prod}, tolerate: [gpu]}');
    const [why] = excludedBy(resolved, edge)?.reasons ?? [];
    expect(why?.change).toContain('env=prod');
    expect(excludedBy(resolved, { ...edge, labels: { ...edge.labels, env: 'prod' } })).toBeUndefined();
  });
});
