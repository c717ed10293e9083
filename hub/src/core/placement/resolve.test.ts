import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches } from './match.ts';
import { mismatches } from './mismatches.ts';
import { cluster, placementDocument, specFrom } from './placement-fixture.ts';
import { resolvePlacements } from './resolve.ts';
import { excludedBy } from './why-not.ts';

const fleet = [
  cluster('eu-1', { region: 'eu', env: 'prod' }),
  cluster('eu-2', { region: 'eu', env: 'staging' }),
  cluster('us-1', { region: 'us', env: 'prod' }),
  cluster('edge', { env: 'prod' }, { taints: [{ key: 'edge', value: '' }] }),
];

function matched(clusters: string, more = '', ...documents: readonly string[]): readonly string[] {
  const spec = specFrom(placementDocument('shop', clusters, more), ...documents);
  return resolvePlacements(spec, fleet).placements[0]!.matched.map((one) => one.name);
}

function mistakes(clusters: string, more = '', ...documents: readonly string[]): readonly string[] {
  const spec = specFrom(placementDocument('shop', clusters, more), ...documents);
  return resolvePlacements(spec, fleet).placements[0]!.errors.map((one) => `${one.code} ${one.text}`);
}

describe('a placement goes to the clusters that', () => {
  it.each([
    ['have all labels', '{matchLabels: {region: eu, env: prod}}', ['eu-1']],
    [
      'have one of the values',
      '{matchExpressions: [{key: region, operator: In, values: [eu, us]}]}',
      ['eu-1', 'eu-2', 'us-1'],
    ],
    [
      'have none of the values, or not the key',
      '{matchExpressions: [{key: region, operator: NotIn, values: [eu]}], exclude: [edge]}',
      ['us-1'],
    ],
    [
      'do not have a value, or not the key, and whose taint it bears',
      '{matchExpressions: [{key: region, operator: NotIn, values: [eu]}], tolerate: [edge]}',
      ['edge', 'us-1'],
    ],
    ['have the key', '{matchExpressions: [{key: region, operator: Exists}]}', ['eu-1', 'eu-2', 'us-1']],
    [
      'do not have the key, but are tainted',
      '{matchExpressions: [{key: region, operator: DoesNotExist}]}',
      [],
    ],
    [
      'do not have the key, and whose taint it bears',
      '{matchExpressions: [{key: region, operator: DoesNotExist}], tolerate: [edge]}',
      ['edge'],
    ],
    ['are named', '{names: [us-1, nowhere]}', ['us-1']],
    ['are not excluded', '{matchLabels: {env: prod}, exclude: [us-1]}', ['eu-1']],
  ])('%s', (_, clusters, expected) => {
    expect(matched(clusters)).toEqual(expected);
  });

  it('are in its group and have its labels', () => {
    const group =
      'kind: ClusterGroup\nmetadata: {name: europe}\nspec: {clusters: {matchLabels: {region: eu}}}';
    expect(matched('{group: europe, matchLabels: {env: prod}}', '', group)).toEqual(['eu-1']);
  });

  it('say so in a Cluster document, which replaces the labels of the record as a whole', () => {
    const document = 'kind: Cluster\nmetadata: {name: us-1, labels: {region: eu}}';
    expect(matched('{matchLabels: {region: eu}}', '', document)).toEqual(['eu-1', 'eu-2', 'us-1']);
    expect(matched('{matchLabels: {env: prod}}', '', document)).toEqual(['eu-1']);
  });

  it('are cordoned too: a cordon keeps rollouts away, not rules', () => {
    const document = 'kind: Cluster\nmetadata: {name: eu-1, labels: {region: eu}}\nspec: {cordon: true}';
    expect(matched('{matchLabels: {region: eu}}', '', document)).toEqual(['eu-1', 'eu-2']);
  });
});

describe('a placement cannot be resolved when', () => {
  const strategy = (stages: string) =>
    `kind: RolloutStrategy\nmetadata: {name: mine}\nspec:\n  stages:\n${stages}`;
  const uses = '  rollout: {strategy: mine}\n';

  it.each([
    [
      'its group does not exist',
      '{group: euorpe}',
      '',
      ['kind: ClusterGroup\nmetadata: {name: europe}\nspec: {clusters: {names: [a]}}'],
      'UNKNOWN_REFERENCE there is no ClusterGroup "euorpe"; did you mean "europe"?',
    ],
    [
      'its strategy does not exist',
      '{names: [eu-1]}',
      '  rollout: {strategy: carefull}\n',
      [],
      'UNKNOWN_REFERENCE there is no RolloutStrategy "carefull"; did you mean "careful"?',
    ],
    [
      'its strategy names a check that does not exist',
      '{names: [eu-1]}',
      uses,
      [
        strategy('  - {name: a, remaining: true, checks: [smok]}\n'),
        'kind: Check\nmetadata: {name: smoke}\nspec: {webhook: {url: "https://checks.example.org"}}',
      ],
      'UNKNOWN_REFERENCE there is no Check "smok"; did you mean "smoke"?',
    ],
    [
      'a required stage matches none of its clusters',
      '{names: [eu-1]}',
      uses,
      [
        strategy(
          '  - {name: a, clusters: {matchLabels: {x: z}}, required: true}\n  - {name: b, remaining: true}\n',
        ),
      ],
      'CONTRADICTION stage a of strategy mine is required, but matches none of the 1 clusters',
    ],
    [
      'a window that cannot be kept is about one of its clusters',
      '{names: [eu-1]}',
      '',
      [
        'kind: ChangeWindow\nmetadata: {name: w}\nspec: {mode: deny, clusters: {matchLabels: {env: prod}, group: some}, schedule: {cron: "0 0 * * *", duration: 1h}}',
      ],
      'UNKNOWN_REFERENCE there is no ClusterGroup "some"',
    ],
  ])('%s', (...[, clusters, more, documents, expected]) => {
    const found = mistakes(clusters, more, ...documents);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('its source does not exist, or asks for what cannot be done yet', () => {
    const spec = (source: string, ...documents: readonly string[]) => {
      const text = placementDocument('shop', '{names: [eu-1]}').replace('{path: apps/shop}', source);
      return resolvePlacements(specFrom(text, ...documents), fleet).placements[0]!.errors;
    };
    expect(spec('{repo: aps, path: x}')[0]).toMatchObject({ code: 'UNKNOWN_REFERENCE', line: 5, column: 18 });
    expect(spec('{ref: "^1.2", path: x}')[0]).toMatchObject({ code: 'NOT_SUPPORTED_YET' });
    const delivering =
      'kind: Source\nmetadata: {name: apps}\nspec: {url: "https://git.example.com/apps.git", deliverCredentials: true}';
    expect(spec('{repo: apps, path: x}', delivering)[0]).toMatchObject({ code: 'NOT_SUPPORTED_YET' });
  });

  it('but not when the window is about other clusters', () => {
    const window =
      'kind: ChangeWindow\nmetadata: {name: w}\nspec: {mode: deny, clusters: {names: [us-1], group: some}, schedule: {cron: "0 0 * * *", duration: 1h}}';
    expect(mistakes('{names: [eu-1]}', '', window)).toEqual([]);
  });
});

describe('the strategy of a placement', () => {
  const strategyName = (more: string, ...documents: readonly string[]) =>
    resolvePlacements(specFrom(placementDocument('shop', '{names: [eu-1]}', more), ...documents), fleet)
      .placements[0]!.strategy;

  it('is the built-in default, the policy s, or its own', () => {
    const policy = 'kind: FleetPolicy\nmetadata: {name: p}\nspec: {defaultStrategy: fast}';
    expect(strategyName('')?.name).toBe('default');
    expect(strategyName('', policy)?.name).toBe('fast');
    expect(strategyName('  rollout: {strategy: all-at-once}\n', policy)?.name).toBe('all-at-once');
  });

  it('of the repository replaces a built-in of its name', () => {
    const own =
      'kind: RolloutStrategy\nmetadata: {name: default}\nspec: {stages: [{name: all, remaining: true, soak: 1s}]}';
    expect(strategyName('', own)?.stages).toMatchObject([{ name: 'all', soakMs: 1_000 }]);
  });
});

describe('excludedBy', () => {
  it('gives a reason for every term that says no', () => {
    const text = placementDocument(
      'shop',
      '{matchLabels: {env: prod, region: eu}, matchExpressions: [{key: tier, operator: Exists}], exclude: [edge]}',
    );
    const placement = resolvePlacements(specFrom(text), fleet).placements[0]!;
    expect(excludedBy(placement, fleet[3]!)?.reasons.map((one) => one.text)).toEqual([
      'label region is not set, not "eu"',
      'label tier is not set, but must be set',
      'edge is in exclude',
      'taint edge is not in tolerate',
    ]);
  });

  it('is undefined exactly for the clusters that are matched', () => {
    const text = placementDocument('shop', '{matchLabels: {env: prod}}');
    const placement = resolvePlacements(specFrom(text), fleet).placements[0]!;
    const taken = fleet.filter((one) => excludedBy(placement, one) === undefined);
    expect(taken).toEqual(placement.matched);
  });
});

describe('resolvePlacements', () => {
  const labels = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y'));
  const operator = fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist' as const);
  const selector = fc.record({
    matchLabels: labels,
    matchExpressions: fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b'),
        operator: operator as fc.Arbitrary<'In'>,
        values: fc.array(fc.constantFrom('x', 'y')),
      }),
    ),
    names: fc.subarray(fleet.map((one) => one.name)),
    groups: fc.constant([]),
    exclude: fc.subarray(fleet.map((one) => one.name)),
  });

  it('gives the same for any order of clusters', () => {
    const spec = specFrom(placementDocument('shop', '{matchLabels: {env: prod}}'));
    const expected = resolvePlacements(spec, fleet);
    fc.assert(
      fc.property(fc.shuffledSubarray(fleet, { minLength: fleet.length }), (order) => {
        expect(resolvePlacements(spec, order)).toEqual(expected);
      }),
    );
  });

  it('a selector takes a cluster exactly when nothing in it says no', () => {
    fc.assert(
      fc.property(selector, labels, fc.constantFrom(...fleet.map((one) => one.name)), (one, set, name) => {
        const candidate = cluster(name, set);
        expect(matches(one, candidate)).toBe(mismatches(one, candidate).length === 0);
      }),
    );
  });
});
