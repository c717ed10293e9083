import type { RolloutStrategy } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { builtInStrategies } from '../placement/index.ts';
import { planWaves, type WaveTarget } from './plan-waves.ts';
import { uidOf } from './samples-fixture.ts';

function builtIn(name: string): RolloutStrategy {
  return builtInStrategies.find((one) => one.name === name)!;
}

function targets(count: number, change: (index: number) => Partial<WaveTarget['cluster']> = () => ({})) {
  return Array.from({ length: count }, (_, index): WaveTarget => {
    const name = `c${index}`;
    const cluster = {
      uid: uidOf(`c${[...String(index)].map((digit) => 'bcdefghijk'[Number(digit)]).join('')}`),
      name: name as WaveTarget['cluster']['name'],
      labels: {},
      taints: [],
      isCordoned: false,
      registeredAtMs: 0,
      ...change(index),
    };
    return { cluster, isAway: false };
  });
}

function sizes(list: readonly WaveTarget[], strategy: RolloutStrategy): readonly number[] {
  return planWaves(list, strategy).map((wave) => wave.clusters.length);
}

describe('planWaves', () => {
  it('makes the labelled clusters the canary, all of them', () => {
    const labelled = targets(10, (index) =>
      index === 3 || index === 7 ? { labels: { 'flotilla.dev/canary': 'true' } } : {},
    );
    expect(planWaves(labelled, builtIn('default'))[0]?.clusters).toEqual([
      labelled[3]!.cluster.uid,
      labelled[7]!.cluster.uid,
    ]);
  });

  it('puts clusters that are away into waves of their own at the end, none larger than others', () => {
    const list = targets(10).map((one, index) => ({ ...one, isAway: index >= 5 }));
    const waves = planWaves(list, builtIn('default'));
    expect(waves.map((wave) => [wave.clusters.length, wave.isAway])).toEqual([
      [1, false],
      [1, false],
      [2, false],
      [1, false],
      [2, true],
      [2, true],
      [1, true],
    ]);
  });

  it('gives a selector stage its clusters and an implicit last stage what no stage takes', () => {
    const all = { kind: 'percent', percent: 100 } as const;
    const selector = {
      matchLabels: { region: 'eu' },
      matchExpressions: [],
      names: [],
      groups: [],
      exclude: [],
    };
    const strategy: RolloutStrategy = {
      ...builtIn('default'),
      stages: [
        {
          ...builtIn('default').stages[1]!,
          name: 'pilot',
          waves: { start: all, growth: 1, max: all },
          select: { kind: 'selector', required: false, selector: JSON.stringify(selector) },
        },
      ],
    };
    const list = targets(5, (index) => ({ labels: { region: index < 2 ? 'eu' : 'us' } }));
    expect(planWaves(list, strategy)).toEqual([
      { stage: 0, clusters: list.slice(0, 2).map((one) => one.cluster.uid), isAway: false },
      { stage: 0, clusters: list.slice(2).map((one) => one.cluster.uid), isAway: false },
    ]);
  });

  describe('with one failure domain at a time', () => {
    const strategy: RolloutStrategy = {
      ...builtIn('default'),
      stages: builtIn('default').stages.map((stage, index) =>
        index === 0 ? stage : { ...stage, oneDomainAtATime: 'region' },
      ),
    };
    const regions = ['eu', 'us', 'ap', undefined];
    const spread = (count: number) =>
      targets(count, (index) => {
        const region = regions[index % regions.length];
        return region === undefined ? {} : { labels: { region } };
      });
    const domainsOf = (list: readonly WaveTarget[]) => {
      const byUid = new Map(list.map(({ cluster }) => [cluster.uid, cluster.labels['region']]));
      return planWaves(list, strategy).map((wave) => [
        ...new Set(wave.clusters.map((uid) => byUid.get(uid))),
      ]);
    };

    it('never mixes domains in a wave, ends one before the next, and takes unlabelled clusters last', () => {
      const [, ...rest] = domainsOf(spread(101));
      expect(rest.every((domains) => domains.length === 1)).toBe(true);
      const order = rest.flat().filter((domain, index, all) => domain !== all[index - 1]);
      expect(order).toHaveLength(4);
      expect(order.at(-1)).toBeUndefined();
    });

    it('goes on growing over the border of a domain, and still takes everybody once', () => {
      expect(sizes(spread(100), strategy)).toEqual([1, 2, 4, 8, 11, 25, 24, 25]);
      const all = planWaves(spread(100), strategy).flatMap((wave) => wave.clusters);
      expect(new Set(all).size).toBe(100);
      expect(all).toHaveLength(100);
    });

    it('has the same order of domains with a cluster more', () => {
      const order = (count: number) => [...new Set(domainsOf(spread(count)).slice(1).flat())];
      expect(order(13)).toEqual(order(12));
    });
  });
});
