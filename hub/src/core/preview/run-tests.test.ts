import { describe, expect, it } from 'vitest';
import { formatLocated } from '../fleet-spec/index.ts';
import { resolvePlacements } from '../placement/index.ts';
import { cluster } from '../placement/placement-fixture.ts';
import { documentText, stateOf } from './preview-fixture.ts';
import { runTests } from './run-tests.ts';
import { validateState } from './validate.ts';

const rules = documentText(`kind: Placement
metadata: {name: shop}
spec:
  source: {path: apps/shop}
  namespace: web
  render: {helm: {values: {replicas: 1, image: {tag: a, pull: always}}}}
  clusters: {matchLabels: {env: prod}}
  overrides:
  - clusters: {matchLabels: {region: eu}}
    overlay: apps/eu
    values: {replicas: 3, host: "\${cluster.labels.host}.example.org"}`);

const clusters = `  clusters:
  - {name: eu-1, labels: {env: prod, region: eu, host: one}}
  - {name: eu-2, labels: {env: prod, region: eu}}
  - {name: us-1, labels: {env: prod}}
  - {name: test-1, labels: {env: test}, taints: [{key: gpu}]}`;

function tested(expect: string, fleet = clusters) {
  const state = stateOf({
    'apps/shop/a.yaml': '',
    'apps/eu/a.yaml': '',
    'rules.yaml': rules,
    'test.yaml': documentText(
      `kind: PlacementTest\nmetadata: {name: t}\nspec:\n${fleet}\n  expect:\n  - ${expect}`,
    ),
  });
  const found = validateState(state);
  return { ...found, state, outcome: runTests(found.spec, state, undefined)[0] };
}

describe('an expectation that holds', () => {
  it.each([
    '{placement: shop, placed: [eu-1], path: apps/eu, values: {replicas: 3, host: one.example.org, image: {tag: a}}}',
    '{placement: shop, placed: [us-1], path: apps/shop, values: {replicas: 1}, namespace: web, strategy: default}',
    '{placement: shop, notPlaced: [test-1]}',
    '{placement: shop, notPlaced: [test-1], reason: Tainted}',
    '{placement: shop, notPlaced: [eu-2], reason: VariableMissing}',
  ])('%s passes', (expected) => {
    expect(tested(expected).outcome).toMatchObject({ result: 'passed', held: 1, failures: [] });
  });
});

describe('an expectation that does not hold', () => {
  it.each([
    ['{placement: shop, placed: [test-1]}', 'NotPlaced', /LabelDiffers: label env is "test".*Tainted/],
    ['{placement: shop, placed: [eu-2]}', 'NotPlaced', /VariableMissing/],
    ['{placement: shop, notPlaced: [us-1]}', 'Placed', /shop goes to us-1/],
    [
      '{placement: shop, notPlaced: [test-1], reason: NameExcluded}',
      'ReasonDiffers',
      /not because of NameExcluded/,
    ],
    ['{placement: shop, exactly: [us-1]}', 'Placed', /goes to eu-[12], which is not expected/],
    ['{placement: shop, placed: [us-1], path: apps/eu}', 'PathDiffers', /path is apps\/shop, not apps\/eu/],
    ['{placement: shop, placed: [us-1], namespace: db}', 'NamespaceDiffers', /namespace is web, not db/],
    [
      '{placement: shop, placed: [us-1], values: {image: {tag: b}}}',
      'ValueDiffers',
      /values.image.tag is "a", not "b"/,
    ],
    ['{placement: shop, placed: [us-1], values: {host: x}}', 'ValueDiffers', /values.host is not set/],
    [
      '{placement: shop, placed: [us-1], variables: {X: z1}}',
      'VariableDiffers',
      /variable X is not set, not z1/,
    ],
    ['{placement: shop, placed: [us-1], strategy: fast}', 'StrategyDiffers', /strategy is default, not fast/],
    ['{placement: shp, placed: [us-1]}', 'UnknownPlacement', /there is no placement shp/],
  ])('%s fails with %s', (expected, code, text) => {
    const { outcome } = tested(expected);
    expect(outcome?.result).toBe('failed');
    expect(outcome?.failures[0]).toMatchObject({ code, at: { file: 'test.yaml' } });
    expect(outcome?.failures.map((one) => one.text).join('\n')).toMatch(text);
  });

  it('fails where the rule itself has a mistake: unknown is never green', () => {
    const files = {
      'a.yaml': rules.replace('apps/shop}', 'apps/shop, repo: gone}'),
      't.yaml': documentText(
        'kind: PlacementTest\nmetadata: {name: t}\nspec: {clusters: [{name: a}], expect: [{placement: shop, notPlaced: [a]}]}',
      ),
    };
    const state = stateOf(files);
    const [outcome] = runTests(validateState(state).spec, state, undefined);
    expect(outcome).toMatchObject({ result: 'failed', failures: [{ code: 'Unresolved' }] });
  });
});

describe('a test without clusters of its own', () => {
  const expected = '{placement: shop, placed: [a]}';

  it('is skipped, not passed, until it is given some', () => {
    const { outcome, spec, state } = tested(expected, '  description: of the fleet');
    expect(outcome).toMatchObject({ result: 'skipped', held: 0 });
    const run = (labels: { readonly [key: string]: string }) =>
      runTests(spec, state, [cluster('a', labels)])[0];
    expect(run({ env: 'prod' })?.result).toBe('passed');
    expect(run({ env: 'test' })?.failures).toMatchObject([{ code: 'NotPlaced', cluster: 'a' }]);
    expect(runTests(spec, state, [cluster('b')])[0]?.failures).toMatchObject([{ code: 'UnknownCluster' }]);
  });
});

describe('a test', () => {
  it.each([
    [
      '{placement: shop}',
      'CONTRADICTION spec.expect[0] needs exactly one of placed, notPlaced and exactly, has 0',
    ],
    [
      '{placement: shop, placed: [us-1], reason: Tainted}',
      'CONTRADICTION spec.expect[0].reason is for clusters',
    ],
    ['{placement: shop, notPlaced: [us-1], path: a}', 'CONTRADICTION spec.expect[0].path is for clusters'],
    [
      '{placement: shop, placed: [us-l]}',
      'UNKNOWN_REFERENCE spec.expect[0].placed[0] is no cluster of spec.clusters',
    ],
    [
      '{placement: shop, placd: [us-1]}',
      'UNKNOWN_FIELD unknown field "placd" in spec.expect[0]; did you mean "placed"?',
    ],
  ])('%s cannot be: %s', (expected, complaint) => {
    expect(tested(expected).errors.map(formatLocated).join('\n')).toContain(complaint);
  });

  it('never changes where a placement goes', () => {
    const fleet = ['eu-1', 'us-1'].map((name) => cluster(name, { env: 'prod' }));
    const { spec } = tested('{placement: shop, notPlaced: [us-1]}');
    const placed = resolvePlacements(spec, fleet).placements;
    expect(placed).toEqual(resolvePlacements({ ...spec, tests: [] }, fleet).placements);
    expect(placed[0]?.matched.map((one) => one.name)).toEqual(['eu-1', 'us-1']);
  });
});
