import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickClusters } from './pick.ts';
import { cluster, placementDocument, specFrom } from './placement-fixture.ts';
import { resolvePlacements } from './resolve.ts';
import { excludedBy } from './why-not.ts';

const placement = 'shop' as PlacementName;
const regions = ['eu', 'us', 'ap'];

function fleetOf(count: number): readonly Cluster[] {
  return Array.from({ length: count }, (_, index) =>
    cluster(`c-${index}`, { region: regions[index % regions.length] ?? '' }),
  );
}

function pick(
  clusters: readonly Cluster[],
  count: number,
  running: readonly Cluster[] = [],
  spreadBy?: string,
): readonly Cluster[] {
  const uids = new Set<ClusterUid>(running.map((one) => one.uid));
  return pickClusters(clusters, { count, spreadBy }, { placement, running: uids });
}

const world = fc.record({
  size: fc.integer({ min: 0, max: 30 }),
  count: fc.integer({ min: 1, max: 12 }),
  running: fc.array(fc.integer({ min: 0, max: 29 }), { maxLength: 12 }),
});

describe('picking some of the selected clusters', () => {
  it('takes as many as asked, or all; who runs it keeps it; the order of clusters does not matter', () => {
    fc.assert(
      fc.property(world, fc.boolean(), ({ size, count, running }, isSpread) => {
        const clusters = fleetOf(size);
        const now = clusters.filter((_, index) => running.includes(index));
        const spreadBy = isSpread ? 'region' : undefined;
        const taken = pick(clusters, count, now, spreadBy);
        expect(taken).toHaveLength(Math.min(count, size));
        const kept = taken.filter((one) => now.includes(one));
        expect(kept).toHaveLength(Math.min(count, now.length));
        expect(new Set(pick([...clusters].reverse(), count, now, spreadBy))).toEqual(new Set(taken));
      }),
    );
  });

  it('takes nothing away and gives nothing new when clusters join', () => {
    fc.assert(
      fc.property(world, ({ size, count }) => {
        const before = pick(fleetOf(size), count, [], 'region');
        fc.pre(before.length === count);
        const after = pick(fleetOf(size + 9), count, before, 'region');
        expect(after.map((one) => one.name)).toEqual(before.map((one) => one.name));
      }),
    );
  });

  it('spreads as evenly as there are clusters for it, also when it must give some up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 9, max: 30 }), fc.integer({ min: 1, max: 9 }), (size, count) => {
        const all = fleetOf(size);
        for (const taken of [pick(all, count, [], 'region'), pick(all, count, all, 'region')]) {
          const used = regions.map((region) => taken.filter((one) => one.labels['region'] === region).length);
          expect(Math.max(...used) - Math.min(...used)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('is another choice for another placement', () => {
    const other = pickClusters(
      fleetOf(30),
      { count: 3, spreadBy: undefined },
      { placement: 'other' as PlacementName, running: new Set() },
    );
    expect(other).not.toEqual(pick(fleetOf(30), 3));
  });

  it('starts on no cordoned cluster, but leaves one that runs it where it is', () => {
    const cordoned = cluster('c-cordoned', {}, { isCordoned: true });
    expect(pick([cordoned], 1)).toEqual([]);
    expect(pick([cordoned, ...fleetOf(3)], 1, [cordoned])).toEqual([cordoned]);
  });

  it('is part of the rule, with its reason for who was not taken', () => {
    const rule = '{names: [c-0, c-1, c-2], pick: {count: 1, spreadBy: region}}';
    const spec = specFrom(placementDocument('shop', rule));
    const clusters = fleetOf(4);
    const running = new Set([clusters[1]?.uid].filter((one) => one !== undefined));
    const [resolved] = resolvePlacements(spec, clusters, () => ({ running, planned: new Set() })).placements;
    expect(resolved?.matched.map((one) => one.name)).toEqual(['c-1']);
    const reasons = clusters.map(
      (one) => resolved && excludedBy(resolved, one)?.reasons.map(({ text }) => text),
    );
    expect(reasons).toEqual([
      [expect.stringMatching(/^pick takes 1 clusters, spread by region: c-1; c-0 is number [23] of 3$/)],
      undefined,
      [expect.stringMatching(/^pick takes 1 clusters, spread by region: c-1; c-2 is number [23] of 3$/)],
      ['c-3 is not among the names c-0, c-1, c-2'],
    ]);
  });
});
