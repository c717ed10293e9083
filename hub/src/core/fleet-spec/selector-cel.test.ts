import { describe, expect, it } from 'vitest';
import { complaints, placementText } from './spec-fixture.ts';

function complaintsAbout(cel: string): readonly string[] {
  return complaints(
    placementText('shop').replace('{matchLabels: {env: prod}}', `{cel: ${JSON.stringify(cel)}}`),
  );
}

describe('an expression of a selector', () => {
  it.each([
    "facts.kubernetes >= semver('1.29')",
    "labels.env == 'prod' && name != 'eu-1'",
    "'gpu' in facts.more && facts.more.gpu == 'a100'",
    'facts.more.gpu == "a100"',
    "name.matches('^eu-')",
    'int(name) > 3',
    'facts.isSimulated || facts.nodes >= 3',
  ])('may be %s', (cel) => {
    expect(complaintsAbout(cel)).toEqual([]);
  });

  it.each([
    ['facts.nodes >', 'is no expression over labels, facts, name: line 1, column 13: '],
    ['object.kind == "a"', 'is no expression over labels, facts, name: there is no "object" here'],
    ['facts.kubernets == "1"', 'facts has no "kubernets", only agent, isSimulated, kubernetes, more, nodes'],
    ['facts.kubernetes', 'is a text, not true or false'],
    ["facts.kubernetes >= semver('newest')", '"newest" is not a version such as 1.29 or v1.29.3'],
    ["facts.kubernetes >= '1.29'", "compares texts letter by letter: write semver('1.29') for a version"],
    ["facts.nodes >= semver('1.29')", 'has no answer on any cluster: '],
    [`name == "${'x'.repeat(4_096)}"`, 'is longer than 4096 characters'],
  ])('must not be %s', (cel, expected) => {
    const [complaint, ...others] = complaintsAbout(cel);
    expect(complaint).toMatch(/^a\.yaml:6:\d+ BAD_VALUE spec\.clusters\.cel/);
    expect(complaint).toContain(expected);
    expect(others).toEqual([]);
  });

  it.each([
    [
      'an override',
      'Placement',
      'source: {path: a}\n  clusters: {names: [a]}\n  overrides: [{clusters: {cel: "x"}, values: {a: 1}}]',
    ],
    ['a group', 'ClusterGroup', 'clusters: {cel: "x"}'],
    [
      'a stage',
      'RolloutStrategy',
      'stages: [{name: a, clusters: {cel: "x"}}, {name: rest, remaining: true}]',
    ],
  ])('is judged in %s too', (_where, kind, spec) => {
    const text = `apiVersion: flotilla.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: one}\nspec:\n  ${spec}\n`;
    expect(complaints(text)).toEqual([expect.stringContaining('there is no "x" here')]);
  });
});
