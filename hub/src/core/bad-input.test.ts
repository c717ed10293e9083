import { describe, expect, it } from 'vitest';
import { goodFiles, shopText, strategyText, tryCommit, windowText } from './bad-input-fixture.ts';
import { head, placementText } from './fleet-spec/spec-fixture.ts';
import { textOf } from './rollout/stable-world-fixture.ts';

const rest = '  - {name: rest, remaining: true}';
const weekends = windowText('weekend', '{mode: allow, schedule: {cron: "0 0 * * sat", duration: 1d}}');
const noWeekends = windowText('no-weekend', '{mode: deny, schedule: {cron: "0 0 * * sat", duration: 1d}}');

describe('a commit without a mistake', () => {
  it('changes nothing when it changes nothing, and begins when it brings something', () => {
    expect(tryCommit({}, 'one')).toMatchObject({ errors: [], held: [], decided: [], areRowsSame: true });
    expect(tryCommit({}, 'two')).toMatchObject({ errors: [], decided: ['rollout-planned', 'wave-opened'] });
  });
});

describe('a file with a mistake is named with its place, and its last good state stays in force:', () => {
  it.each([
    [
      'a stage that selects in two ways',
      { 'steady.yaml': strategyText('  - {name: a, canary: 1, remaining: true}') },
      'steady.yaml:6:5 CONTRADICTION spec.stages[0] needs exactly one of canary, clusters and remaining, has 2',
    ],
    [
      'a stage after the one that takes all',
      { 'steady.yaml': strategyText(`${rest}\n  - {name: late, clusters: {names: [a]}}`) },
      'steady.yaml:7:5 CONTRADICTION spec.stages[1] can take no cluster',
    ],
    [
      'two stages of a name',
      { 'steady.yaml': strategyText(`  - {name: rest, canary: 1}\n${rest}`) },
      'steady.yaml:7:12 DUPLICATE_NAME spec.stages[1].name is the name of an earlier stage',
    ],
    [
      'waves that begin larger than they may be',
      { 'steady.yaml': strategyText('  - {name: a, remaining: true, waves: {start: 50%, max: 10%}}') },
      'steady.yaml:6:47 CONTRADICTION spec.stages[0].waves.start is larger than waves.max',
    ],
    [
      'waves that never start a cluster',
      { 'steady.yaml': strategyText('  - {name: a, remaining: true, waves: {max: 0%}}') },
      'steady.yaml:6:45 CONTRADICTION spec.stages[0].waves.max would never start a cluster',
    ],
    ['no stage at all', { 'steady.yaml': strategyText('    []') }, 'must hold at least one stage'],
    [
      'a wave of more than everybody',
      { 'steady.yaml': strategyText('  - {name: a, remaining: true, waves: {start: 120%}}') },
      'steady.yaml:6:47 BAD_VALUE spec.stages[0].waves.start: "120%" is not a percentage from 0% to 100%',
    ],
    [
      'more samples than clusters',
      { 'steady.yaml': strategyText(rest, '  defaults: {minSamples: 101%}') },
      'steady.yaml:7:26 BAD_VALUE spec.defaults.minSamples: "101%" is not a percentage from 0% to 100%',
    ],
    [
      'a cap above the fleet',
      { 'fleet.yaml': `${head}kind: FleetPolicy\nmetadata: {name: fleet}\nspec: {maxChanging: 101%}\n` },
      'fleet.yaml:4:21 BAD_VALUE spec.maxChanging: "101%" is not a percentage from 0% to 100%',
    ],
    [
      'an empty selector of a placement',
      { 'shop.yaml': shopText('', '{}') },
      'shop.yaml:6:13 CONTRADICTION spec.clusters selects by nothing',
    ],
    [
      'a selector that only excludes',
      { 'shop.yaml': shopText('', '{exclude: [a]}') },
      'shop.yaml:6:13 CONTRADICTION spec.clusters selects by nothing',
    ],
    [
      'an empty selector of a stage',
      { 'steady.yaml': strategyText(`  - {name: a, clusters: {}}\n${rest}`) },
      'steady.yaml:6:25 CONTRADICTION spec.stages[0].clusters selects by nothing',
    ],
    [
      'an empty selector of an override',
      { 'shop.yaml': shopText('  overrides: [{clusters: {}, overlay: x}]\n') },
      'shop.yaml:8:26 CONTRADICTION spec.overrides[0].clusters selects by nothing',
    ],
    [
      'an empty selector of a group',
      {
        'groups.yaml': `${head}kind: ClusterGroup\nmetadata: {name: production}\nspec: {clusters: {matchLabels: {}}}\n`,
      },
      'groups.yaml:4:18 CONTRADICTION spec.clusters selects by nothing',
    ],
    [
      'an empty selector of a window',
      {
        'windows.yaml': windowText(
          'new-year',
          '{mode: deny, clusters: {}, schedule: {cron: "0 0 * * *", duration: 1h}}',
        ),
      },
      'windows.yaml:4:30 CONTRADICTION spec.clusters selects by nothing',
    ],
    [
      'a selector that can never hold',
      {
        'shop.yaml': shopText(
          '',
          '{matchLabels: {env: prod}, matchExpressions: [{key: env, operator: DoesNotExist}]}',
        ),
      },
      'shop.yaml:6:59 CONTRADICTION spec.clusters.matchExpressions[0] can never hold together with the rest',
    ],
    [
      'a dependency on itself',
      { 'shop.yaml': shopText('  dependsOn: [shop]\n') },
      'shop.yaml:8:15 CONTRADICTION spec.dependsOn[0] is the placement itself',
    ],
    [
      'two policies',
      { 'more.yaml': `${head}kind: FleetPolicy\nmetadata: {name: other}\nspec: {maxChanging: 1}\n` },
      'more.yaml:1:1 DUPLICATE_NAME a FleetPolicy is also defined at fleet.yaml:1; keep one of them',
    ],
    [
      'two strategies of a name',
      { 'more.yaml': strategyText(rest) },
      'more.yaml:1:1 DUPLICATE_NAME RolloutStrategy steady is also defined at steady.yaml:1; keep one of them',
    ],
    [
      'two placements of a name, in one file',
      { 'shop.yaml': `${shopText()}---\n${shopText('', '{names: [a]}')}` },
      'DUPLICATE_NAME Placement shop is also defined at shop.yaml:',
    ],
    [
      'a window whose time never comes',
      {
        'windows.yaml': windowText('new-year', '{mode: allow, schedule: {cron: "0 0 31 6 *", duration: 1h}}'),
      },
      'windows.yaml:4:38 BAD_VALUE spec.schedule.cron: "0 0 31 6 *" names days that no such month has: it would never come',
    ],
    [
      'a denial without an end',
      { 'windows.yaml': windowText('new-year', '{mode: deny, schedule: {cron: "0 0 * * *", duration: 2d}}') },
      'windows.yaml:4:30 CONTRADICTION spec.schedule is on without an end, so no change could ever begin',
    ],
  ])('%s', (_, files, expected) => {
    const tried = tryCommit(files, 'one');
    expect(tried.errors.join('\n')).toContain(expected);
    expect(tried).toMatchObject({ decided: [], held: [], areRowsSame: true });
    expect(tried.spec).toEqual(tried.before);
  });
});

describe('what files come to together is a mistake of the placement, which stays as it is, whatever else the commit brings:', () => {
  it.each([
    [
      'a required stage that matches none of its clusters',
      {
        'steady.yaml': strategyText(
          `  - {name: pilot, clusters: {names: [nobody]}, required: true}\n${rest}`,
        ),
      },
      'steady.yaml:6:5 CONTRADICTION stage pilot of strategy steady is required, but matches none of the 4 clusters',
    ],
    [
      'a strategy that there is not',
      { 'shop.yaml': shopText().replace('steady', 'stedy') },
      'shop.yaml:7:23 UNKNOWN_REFERENCE there is no RolloutStrategy "stedy"; did you mean "steady"?',
    ],
    [
      'a group that there is not',
      { 'shop.yaml': shopText('', '{group: prod}') },
      'shop.yaml:6:21 UNKNOWN_REFERENCE there is no ClusterGroup "prod"',
    ],
    [
      'a circle of dependencies',
      {
        'shop.yaml': shopText('  dependsOn: [net]\n'),
        'net.yaml': placementText('net', '  dependsOn: [shop]\n'),
      },
      'shop.yaml:8:15 CONTRADICTION goes round in a circle: shop -> net -> shop; none of them could ever begin',
    ],
    [
      'a window for a group that there is not',
      {
        'more.yaml': windowText(
          'odd',
          '{mode: allow, clusters: {group: prod}, schedule: {cron: "* * * * *", duration: 1h}}',
        ),
      },
      'more.yaml:4:39 UNKNOWN_REFERENCE there is no ClusterGroup "prod"',
    ],
  ])('%s', (_, files, expected) => {
    const tried = tryCommit(files, 'two');
    expect(tried.errors.join('\n')).toContain(expected);
    expect(tried).toMatchObject({ decided: [], areRowsSame: true });
    expect(tried.world.desired.kind).toBe('unresolved');
  });
});

describe('windows that leave no room', () => {
  it('are a mistake that names them, and hold the clusters', () => {
    const tried = tryCommit({ 'a.yaml': weekends, 'b.yaml': noWeekends }, 'two');
    expect(tried.errors).toEqual([
      expect.stringMatching(
        /^a\.yaml:1:1 CONTRADICTION ChangeWindow weekend \(allow\) leaves, .* on 4 clusters of placement shop/,
      ),
    ]);
    expect(tried).toMatchObject({ decided: ['rollout-planned'], notes: ['WindowClosed'], areRowsSame: true });
  });
});

describe('what would take much away waits for a person:', () => {
  const asks =
    'it takes the placement from all 4 clusters that run it; nothing is removed until a person agrees: flotilla source accept control';

  it.each([
    ['a selector that drops every cluster', { 'shop.yaml': shopText('', '{matchLabels: {env: nowhere}}') }],
    [
      'a group that drops every cluster',
      { 'groups.yaml': goodFiles['groups.yaml']?.replace('env: prod', 'env: nowhere') },
    ],
    ['a placement that is taken out', { 'shop.yaml': undefined }],
  ])('%s', (_, files) => {
    const tried = tryCommit(files, 'two');
    expect(tried.held.join('\n')).toContain(asks);
    expect(tried).toMatchObject({ decided: ['withdraw-held'], errors: [], areRowsSame: true });
  });

  it('a selector that drops more than the policy allows', () => {
    const tried = tryCommit({ 'shop.yaml': shopText('', '{names: [cbb, cbc]}') }, 'one');
    expect(tried.held[0]).toContain(
      'it takes the placement from 2 clusters, more than the 1 that may leave at once',
    );
    expect(tried).toMatchObject({ decided: ['withdraw-held'], areRowsSame: true });
  });

  it('a repository that lost everything', () => {
    const gone = Object.fromEntries(Object.keys(goodFiles).map((path) => [path, undefined]));
    const tried = tryCommit(gone, 'two');
    expect(tried.held[0]).toContain(
      'holds no flotilla.dev document at all, but 6 are in force, and they stay',
    );
    expect(tried.spec).toEqual(tried.before);
  });
});

describe('an approval', () => {
  it('of a stage that there is not is refused, and names those that there are', () => {
    const { world } = tryCommit({}, 'two');
    const { length } = world.log;
    expect(textOf(world.operate({ verb: 'approve', stage: 'cannary' }))).toBe(
      'UnknownStage: strategy steady has no stage cannary; it has canary, rest',
    );
    expect(world.log).toHaveLength(length);
  });
});
