import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cluster, placementDocument, specFrom } from './placement-fixture.ts';
import { resolvePlacements } from './resolve.ts';

const group = 'kind: ClusterGroup\nmetadata: {name: eu}\nspec: {clusters: {matchLabels: {region: eu}}}';
const values = { kubernetes: 'v1.30.0', nodes: 3, agent: '', isSimulated: false, more: {} };
const clusters = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) =>
  cluster(
    name,
    { env: index % 3 === 0 ? 'test' : 'prod', region: index % 2 === 0 ? 'eu' : 'us' },
    {
      taints: index === 4 ? [{ key: 'gpu', value: '' }] : [],
      ...(index < 3 && { facts: { isFresh: index !== 1, values } }),
    },
  ),
);
const rule = fc.constantFrom(
  '{matchLabels: {env: prod}}',
  '{matchLabels: {env: prod}, tolerate: [gpu]}',
  '{matchLabels: {env: prod}, pick: {count: 2}}',
  '{matchLabels: {env: prod}, cel: "facts.nodes > 2"}',
  '{matchLabels: {env: prod}, exclude: [b]}',
  '{group: eu}',
  '{names: [a, e], tolerate: [gpu]}',
);

it('gives each of many placements the clusters that it gets alone, and those that ask for the same the same list', () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 8 }), (rules) => {
      const documents = rules.map((one, index) => placementDocument(`p${index}`, one));
      const { placements } = resolvePlacements(specFrom(group, ...documents), clusters);
      for (const [index, one] of placements.entries()) {
        const alone = resolvePlacements(specFrom(group, documents[index] ?? ''), clusters).placements[0];
        const { kept, matched, selected } = one;
        expect({ kept, matched, selected }).toEqual({
          kept: alone?.kept,
          matched: alone?.matched,
          selected: alone?.selected,
        });
        const twin = placements[rules.findIndex((asked) => asked === rules[index])];
        if (!one.readsFacts && one.spec.pick === undefined) expect(matched).toBe(twin?.matched);
      }
    }),
    { numRuns: 150 },
  );
});
