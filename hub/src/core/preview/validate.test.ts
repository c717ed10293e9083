import { describe, expect, it } from 'vitest';
import { formatLocated } from '../fleet-spec/index.ts';
import { cluster } from '../placement/placement-fixture.ts';
import { documentText, stateOf } from './preview-fixture.ts';
import { validateState } from './validate.ts';

const shop = (more = '', name = 'shop') =>
  documentText(
    `kind: Placement\nmetadata: {name: ${name}}\nspec:\n  source: {path: apps/shop}\n  clusters: {matchLabels: {env: prod}}\n${more}`,
  );
const content = { 'apps/shop/app.yaml': 'kind: ConfigMap' };

function errorsOf(files: { readonly [path: string]: string }): readonly string[] {
  return validateState(stateOf({ ...content, ...files })).errors.map(formatLocated);
}

describe('a working tree without mistakes', () => {
  it('has none, and its documents are counted', () => {
    const found = validateState(stateOf({ ...content, 'shop.yaml': shop() }));
    expect(found).toMatchObject({ errors: [], warnings: [], documents: { Placement: 1 } });
  });

  it('may hold YAML of others, what .flotillaignore names, and a printed list of clusters', () => {
    const printed = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'List',
      items: [{ apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: {}, status: {} }],
    };
    const files = {
      'shop.yaml': shop(),
      'old/shop.yaml': shop('  colour: blue\n'),
      'helm.yaml': '{{ if }}',
      'clusters.json': JSON.stringify(printed),
      '.flotillaignore': 'old/\n',
    };
    expect(errorsOf(files)).toEqual([]);
  });
});

describe('mistakes', () => {
  it('are told all at once, each with its place and what was meant', () => {
    const files = {
      'a.yaml': shop('  rollout: {strategy: carefull}\n  dependsOn: [database]\n'),
      'b.yaml': documentText(
        'kind: Placement\nmetadata: {name: b}\nspec: {souce: {path: a}, clusters: {group: x}}',
      ),
      'c.yaml': documentText('kind: FleetPolicy\nmetadata: {name: p}\nspec: {defaultStrategy: fats}'),
      'd.yaml': documentText('kind: FleetPolicy\nmetadata: {name: q}\nspec: {maxWithdraw: 101%}'),
    };
    expect(errorsOf(files)).toEqual([
      'a.yaml:7:23 UNKNOWN_REFERENCE there is no RolloutStrategy "carefull"; did you mean "careful"?',
      'a.yaml:8:15 UNKNOWN_REFERENCE there is no Placement "database"',
      'b.yaml:4:8 UNKNOWN_FIELD unknown field "souce" in spec; did you mean "source"?',
      'c.yaml:4:25 UNKNOWN_REFERENCE there is no RolloutStrategy "fats"; did you mean "fast"?',
      'd.yaml:4:21 BAD_VALUE spec.maxWithdraw: "101%" is not a percentage from 0% to 100%',
    ]);
  });

  it.each<readonly [string, { readonly [path: string]: string }, RegExp]>([
    [
      'a path that is not there',
      { 'a.yaml': shop().replace('apps/shop', 'apps/shp') },
      /PATH_MISSING.*"apps\/shop"/,
    ],
    [
      'a kustomization that needs what is not there',
      { 'a.yaml': shop(), 'apps/shop/kustomization.yaml': 'resources: [../base]' },
      /^apps\/shop\/kustomization.yaml:1:13 PATH_MISSING/,
    ],
    ['two documents of a name', { 'a.yaml': shop(), 'b.yaml': shop() }, /DUPLICATE_NAME.*also defined at/],
    [
      'two policies, be it of two names',
      {
        'a.yaml': documentText('kind: FleetPolicy\nmetadata: {name: a}\nspec: {}'),
        'b.yaml': documentText('kind: FleetPolicy\nmetadata: {name: b}\nspec: {}'),
      },
      /DUPLICATE_NAME a FleetPolicy is also defined/,
    ],
    [
      'an unknown group',
      { 'a.yaml': shop().replace('matchLabels: {env: prod}', 'group: eu') },
      /ClusterGroup "eu"/,
    ],
    [
      'an unknown source',
      { 'a.yaml': shop().replace('{path: apps/shop}', '{repo: other, path: x}') },
      /there is no Source "other"/,
    ],
    [
      'a strategy that nobody uses and whose check is unknown',
      {
        's.yaml': documentText(
          'kind: RolloutStrategy\nmetadata: {name: s}\nspec: {stages: [{name: all, remaining: true, checks: [smoke]}]}',
        ),
      },
      /there is no Check "smoke"/,
    ],
    [
      'a circle',
      { 'a.yaml': shop('  dependsOn: [b]\n', 'a'), 'b.yaml': shop('  dependsOn: [a]\n', 'b') },
      /goes round in a circle: a -> b -> a/,
    ],
    [
      'a test of a placement that is not there',
      {
        't.yaml': documentText(
          'kind: PlacementTest\nmetadata: {name: t}\nspec: {clusters: [{name: a}], expect: [{placement: shop, placed: [a]}]}',
        ),
      },
      /there is no Placement "shop"/,
    ],
  ])('name %s', (_, files, expected) => {
    expect(errorsOf(files).join('\n')).toMatch(expected);
  });

  it('of a file leave the others alone', () => {
    const found = validateState(stateOf({ ...content, 'a.yaml': shop(), 'b.yaml': shop('  x: 1\n', 'b') }));
    expect(found.spec.placements.map((one) => one.name)).toEqual(['shop']);
    expect(found.errors).toHaveLength(1);
  });
});

describe('warnings', () => {
  const strategy = documentText(
    'kind: RolloutStrategy\nmetadata: {name: s}\nspec: {stages: [{name: first, canary: 1}]}',
  );
  const group = documentText(
    'kind: ClusterGroup\nmetadata: {name: eu}\nspec: {clusters: {matchLabels: {a: b}}}',
  );

  it('name what nothing names, and who comes last without a stage', () => {
    const { warnings } = validateState(
      stateOf({ ...content, 'a.yaml': shop(), 'g.yaml': group, 's.yaml': strategy }),
    );
    expect(warnings.map(({ code, file }) => `${file} ${code}`)).toEqual([
      'g.yaml UNUSED',
      's.yaml NO_LAST_STAGE',
      's.yaml UNUSED',
    ]);
  });

  it('name what no cluster fits only where the fleet is known', () => {
    const files = { ...content, 'a.yaml': shop() };
    expect(validateState(stateOf(files)).warnings).toEqual([]);
    const { warnings } = validateState(stateOf(files), [cluster('a', { env: 'test' })]);
    expect(warnings).toMatchObject([{ code: 'MATCHES_NOTHING', file: 'a.yaml', line: 6 }]);
    expect(validateState(stateOf(files), [cluster('a', { env: 'prod' })]).warnings).toEqual([]);
  });
});
