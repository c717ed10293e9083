import type { RolloutStrategy } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInStrategies } from '../placement/index.ts';
import { orderTargets } from './order-targets.ts';
import { planWaves, type WaveTarget } from './plan-waves.ts';
import { growingWaves, must } from './played-history-fixture.ts';
import { World } from './rollout-fixture.ts';
import { canaryThenRest, names, uidOf } from './samples-fixture.ts';
import { worldCluster } from './world-cluster-fixture.ts';

const many = names(60);
const regions = ['eu', 'us', 'ap', ''] as const;

/** One cluster as a plan sees it. */
const seen = fc.record({
  name: fc.constantFrom(...many),
  region: fc.constantFrom(...regions),
  presence: fc.constantFrom('connected', 'connected', 'connected', 'suspect', 'disconnected'),
  isCordoned: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  isCanary: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
});
const fleetOf = fc.uniqueArray(seen, { selector: ({ name }) => name, minLength: 1, maxLength: 60 });
type Seen = typeof seen extends fc.Arbitrary<infer Value> ? Value : never;

function labelsOf({ isCanary, region }: Seen) {
  return {
    ...(region === '' ? {} : { region }),
    ...(isCanary ? { 'flotilla.dev/canary': 'true' } : {}),
  };
}

/** The plan of a world of these clusters, registered in this order. */
function planOf(clusters: readonly Seen[], strategy: RolloutStrategy) {
  const world = new World();
  world.strategy = strategy;
  for (const one of clusters) {
    world.register(one.name, labelsOf(one));
    const known = must(world.clusters.get(uidOf(one.name)));
    Object.assign(known, {
      presence: one.presence,
      cluster: { ...known.cluster, isCordoned: one.isCordoned },
    });
  }
  world.push('one');
  world.look();
  const [first] = world.log;
  return first?.event.payload;
}

const oneDomain: RolloutStrategy = {
  ...growingWaves,
  stages: growingWaves.stages.map((stage) => ({ ...stage, oneDomainAtATime: 'region' })),
};
const strategies = fc.constantFrom(...builtInStrategies, growingWaves, oneDomain, canaryThenRest());

describe('a plan', () => {
  it('I7: is the same, byte for byte, in whatever order its clusters are known', () => {
    fc.assert(
      fc.property(fleetOf, strategies, fc.infiniteStream(fc.nat()), (clusters, strategy, random) => {
        const keys = new Map(clusters.map((one) => [one, random.next().value ?? 0]));
        const other = clusters.toSorted((left, right) => must(keys.get(left)) - must(keys.get(right)));
        expect(JSON.stringify(planOf(other, strategy))).toBe(JSON.stringify(planOf(clusters, strategy)));
      }),
      { numRuns: 100 },
    );
  });

  it('I7: has the others in the same order with a cluster more', () => {
    fc.assert(
      fc.property(fleetOf, (clusters) => {
        const { state } = new World();
        const known = clusters.map(({ name, presence, isCordoned }) => {
          const one = worldCluster(name, {}, 0);
          return { ...one, presence, cluster: { ...one.cluster, isCordoned }, reportVersion: '' };
        });
        const orderOf = (list: typeof known) =>
          orderTargets(state, list, 60_000, 1_000_000).targets.map(({ cluster }) => cluster.uid);
        const all = orderOf(known);
        expect(orderOf(known.toReversed())).toEqual(all);
        for (const { cluster } of known) {
          const without = orderOf(known.filter((one) => one.cluster.uid !== cluster.uid));
          expect(without).toEqual(all.filter((uid) => uid !== cluster.uid));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('I7: takes failure domains in the same order with a cluster more', () => {
    fc.assert(
      fc.property(fleetOf, (clusters) => {
        const { state } = new World();
        const known = clusters.map((one) => {
          const seenNow = worldCluster(one.name, { region: one.region }, 0);
          return { ...seenNow, reportVersion: '' };
        });
        const regionOf = new Map(known.map(({ cluster }) => [cluster.uid, cluster.labels['region']]));
        const domainsOf = (list: typeof known) => {
          const { targets } = orderTargets(state, list, 60_000, 1_000_000);
          const rest = planWaves(targets, { ...oneDomain, stages: oneDomain.stages.slice(1) });
          return [...new Set(rest.flatMap((wave) => wave.clusters).map((uid) => regionOf.get(uid)))];
        };
        const all = domainsOf(known);
        for (const { cluster } of known) {
          const without = domainsOf(known.filter((one) => one.cluster.uid !== cluster.uid));
          expect(without).toEqual(all.filter((region) => without.includes(region)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('I2: has every cluster once, no wave larger than its stage allows, and no wave of two failure domains', () => {
    fc.assert(
      fc.property(
        fleetOf,
        fc.constantFrom(...builtInStrategies, growingWaves, oneDomain),
        (clusters, strategy) => {
          const targets = clusters.map((one): WaveTarget => {
            const { cluster } = worldCluster(one.name, labelsOf(one), 0);
            return { cluster, isAway: one.presence !== 'connected' };
          });
          const waves = planWaves(targets, strategy);
          expect(waves.flatMap((wave) => wave.clusters).toSorted()).toEqual(
            targets.map(({ cluster }) => cluster.uid).toSorted(),
          );
          const regionOf = new Map(targets.map(({ cluster }) => [cluster.uid, cluster.labels['region']]));
          for (const { clusters: uids, stage } of waves) {
            const { oneDomainAtATime, waves: shape } = must(strategy.stages[stage]);
            const share =
              shape.max.kind === 'count' ? shape.max.count : (shape.max.percent * targets.length) / 100;
            expect(uids.length).toBeGreaterThan(0);
            expect(uids.length).toBeLessThanOrEqual(Math.max(1, Math.floor(share)));
            if (oneDomainAtATime !== undefined)
              expect(new Set(uids.map((uid) => regionOf.get(uid))).size).toBe(1);
          }
        },
      ),
    );
  });
});
