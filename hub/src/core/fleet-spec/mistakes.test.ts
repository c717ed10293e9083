import { describe, expect, it } from 'vitest';
import { complaints, head, parse, placementText } from './spec-fixture.ts';

describe('mistakes are named with file, line, column and what to do', () => {
  it.each([
    [
      'a mistyped field',
      '  clustrs: {}',
      'a.yaml:7:3 UNKNOWN_FIELD unknown field "clustrs" in spec; did you mean "clusters"?',
    ],
    [
      'a field in the wrong place',
      '  path: x',
      'a.yaml:7:3 UNKNOWN_FIELD unknown field "path" in spec; did you mean spec.source.path?',
    ],
    [
      'a bad duration',
      '  health: {deadline: 10 minutes}',
      'a.yaml:7:22 BAD_VALUE spec.health.deadline: "10 minutes" is not a duration such as 30s, 10m or 1h30m',
    ],
    [
      'a bad choice',
      '  drift: corect',
      'a.yaml:7:10 BAD_VALUE spec.drift must be one of correct, report, found "corect"; did you mean "correct"?',
    ],
    ['a wrong type', '  overrides: all', 'a.yaml:7:14 WRONG_TYPE spec.overrides must be a list, found "all"'],
    ['an empty value', '  prune:', 'a.yaml:7:9 WRONG_TYPE spec.prune must be a mapping, found nothing'],
    [
      'a bad JSON pointer',
      '  ignore: [{pointers: [spec]}]',
      'a.yaml:7:24 BAD_VALUE spec.ignore[0].pointers[0]: "spec" is not a JSON pointer such as /spec/replicas (RFC 6901)',
    ],
    [
      'an override that does nothing',
      '  overrides: [{clusters: {names: [a]}}]',
      'a.yaml:7:15 CONTRADICTION spec.overrides[0] changes nothing; give it an overlay, values or patches',
    ],
    [
      'a patch operation that is none',
      '  overrides: [{clusters: {names: [a]}, patches: [{target: {}, patch: [{op: ad, path: /a, value: 1}]}]}]',
      'a.yaml:7:71 BAD_VALUE spec.overrides[0].patches[0].patch[0] needs "op", one of add, remove, replace, move, copy, test; did you mean "add"?',
    ],
    [
      'Helm options for another renderer',
      '  render: {renderer: kustomize, helm: {}}',
      'a.yaml:7:39 CONTRADICTION spec.render.helm is for Helm, but the renderer is kustomize',
    ],
    [
      'an unknown variable',
      '  render: {variables: {a: "${cluster.nam}"}}',
      'a.yaml:7:27 BAD_VALUE spec.render.variables.a holds ${cluster.nam}; known are ${cluster.name} and ${cluster.labels.KEY}; write $${…} to keep it as text',
    ],
    [
      'a variable that is not declared',
      '  render: {variables: {host: x}}\n  overrides: [{clusters: {names: [a]}, patches: [{target: {}, patch: {a: ["${var.hots}"]}}]}]',
      'a.yaml:8:75 BAD_VALUE spec.overrides[0].patches[0].patch.a[0] holds ${var.hots}; spec.render.variables declares no such variable; did you mean "host"?; write $${var.…} to keep it as text',
    ],
    [
      'a variable made of another',
      '  render: {variables: {a: x, b: "${var.a}"}}',
      'a.yaml:7:33 BAD_VALUE spec.render.variables.b uses ${var.…}, which stands for values of patches and of Helm only',
    ],
    [
      'a namespace that is to be created but not named',
      '  createNamespace: true',
      'a.yaml:7:20 CONTRADICTION spec.createNamespace needs spec.namespace to name what to create',
    ],
  ])('%s', (_, line, expected) => {
    expect(complaints(placementText('shop', `${line}\n`))).toEqual([expected]);
  });

  it.each([
    [
      'a number for a label',
      '{matchLabels: {env: 7}}',
      'a.yaml:6:33 WRONG_TYPE spec.clusters.matchLabels.env must be a text, found the number 7; put it in quotes',
    ],
    [
      'YAML that reads no as false',
      '{matchLabels: {env: no}}',
      'a.yaml:6:33 WRONG_TYPE spec.clusters.matchLabels.env must be a text, found the boolean false; put it in quotes',
    ],
    [
      'a bad label value',
      '{matchLabels: {env: "a b"}}',
      'a.yaml:6:33 BAD_VALUE spec.clusters.matchLabels.env: "a b" is not a label value (up to 63 letters, digits, "-", "_" or ".", starting and ending with a letter or digit)',
    ],
    [
      'a selector that selects by nothing',
      '{}',
      'a.yaml:6:13 CONTRADICTION spec.clusters selects by nothing; to take every cluster write matchExpressions: [{key: flotilla.dev/none, operator: DoesNotExist}]',
    ],
    [
      'an operator that is none',
      '{matchExpressions: [{key: a, operator: in, values: [b]}]}',
      'a.yaml:6:52 BAD_VALUE spec.clusters.matchExpressions[0].operator must be one of In, NotIn, Exists, DoesNotExist, found "in"; did you mean "In"?',
    ],
    [
      'an In without values',
      '{matchExpressions: [{key: a, operator: In}]}',
      'a.yaml:6:33 CONTRADICTION spec.clusters.matchExpressions[0] needs values, because its operator is In',
    ],
    [
      'a label that cannot be both',
      '{matchLabels: {env: prod}, matchExpressions: [{key: env, operator: NotIn, values: [prod]}]}',
      'a.yaml:6:59 CONTRADICTION spec.clusters.matchExpressions[0] can never hold together with the rest of the selector',
    ],
    [
      'a name that is excluded',
      '{names: [a, b], exclude: [b]}',
      'a.yaml:6:25 CONTRADICTION spec.clusters.names[1] is also in exclude',
    ],
  ])('%s', (_, selector, expected) => {
    const text = placementText('shop').replace('{matchLabels: {env: prod}}', selector);
    expect(complaints(text)).toEqual([expected]);
  });

  it.each([
    ['not YAML', 'kind: [x\na: 1\n', 'a.yaml:3:1 YAML_SYNTAX'],
    [
      'a key twice',
      'kind: Placement\nkind: Placement\n',
      'a.yaml:3:1 DUPLICATE_KEY this key stands twice in one mapping; remove one of them',
    ],
    [
      'a kind that is none',
      'kind: Placment\nmetadata: {name: a}\n',
      'a.yaml:2:7 UNKNOWN_KIND "Placment" is not a kind of flotilla.dev/v1alpha1; did you mean "Placement"?',
    ],
    ['no spec', 'kind: Placement\nmetadata: {name: a}\n', 'a.yaml:1:1 MISSING_FIELD spec is required'],
    [
      'a bad name',
      'kind: ClusterGroup\nmetadata: {name: A}\nspec: {clusters: {names: [a]}}\n',
      'a.yaml:3:18 BAD_VALUE metadata.name: "A" is not a DNS-1123 label',
    ],
    [
      'a source without TLS',
      'kind: Source\nmetadata: {name: a}\nspec: {url: "http://git.example.com/a.git"}\n',
      'a.yaml:4:13 BAD_VALUE spec.url is plain http',
    ],
    [
      'a password in a URL',
      'kind: Source\nmetadata: {name: a}\nspec: {url: "https://u:p@git.example.com/a.git"}\n',
      'a.yaml:4:13 BAD_VALUE spec.url holds a user or password',
    ],
    [
      'a password in an SSH URL',
      'kind: Source\nmetadata: {name: a}\nspec: {credential: key, url: "ssh://u:p@git.example.com/a.git"}\n',
      'a.yaml:4:30 BAD_VALUE spec.url holds a password',
    ],
    [
      'an SSH URL without a key',
      'kind: Source\nmetadata: {name: a}\nspec: {url: "git@git.example.com:a.git"}\n',
      'a.yaml:4:13 CONTRADICTION spec.url is reached over SSH, so spec.credential must name a key',
    ],
    [
      'a signer that is none',
      'kind: Source\nmetadata: {name: a}\nspec: {url: "https://git.example.com/a.git", verify: {signers: [ada]}}\n',
      'a.yaml:4:65 BAD_VALUE spec.verify.signers[0] is no signer: give a public key',
    ],
    [
      'a source with a reserved name',
      'kind: Source\nmetadata: {name: control}\nspec: {url: "https://git.example.com/a.git"}\n',
      'a.yaml:3:18 BAD_VALUE metadata.name is taken by the control repository itself',
    ],
    [
      'a percentage over 100',
      'kind: FleetPolicy\nmetadata: {name: a}\nspec: {maxWithdraw: 300%}\n',
      'a.yaml:4:21 BAD_VALUE spec.maxWithdraw: "300%" is not a percentage from 0% to 100%',
    ],
    [
      'an unknown API version',
      'kind: Placement\n',
      'a.yaml:1:13 UNKNOWN_VERSION',
      'apiVersion: flotilla.dev/v2\n',
    ],
  ])('%s', (_, text, expected, version = head) => {
    const [first] = complaints(version + text);
    expect(first?.slice(0, expected.length)).toBe(expected);
  });

  it.each([
    ['/abs', 'it must not start with "/"'],
    ['a/../../b', 'it must not leave the repository with ".."'],
    ['a/.git/hooks', 'it names .git'],
    ['a\\\\b', 'it holds a backslash'],
  ])('a path such as %s', (path, why) => {
    const text = placementText('shop').replace('{path: apps/shop}', `{path: "${path}"}`);
    expect(complaints(text)[0]).toContain(why);
  });

  it('a mistyped field is not also said to be missing', () => {
    const text = placementText('shop').replace('clusters:', 'clustrs:');
    expect(complaints(text)).toEqual([
      'a.yaml:6:3 UNKNOWN_FIELD unknown field "clustrs" in spec; did you mean "clusters"?',
    ]);
  });

  it('all at once', () => {
    const text = `${placementText('a', '  x: 1\n  y: 2\n')}---\n${placementText('b', '  z: 3\n')}`;
    expect(complaints(text)).toHaveLength(3);
  });

  it('say which document they speak of', () => {
    expect(parse(placementText('shop', '  x: 1\n')).errors[0]?.document).toEqual({
      kind: 'Placement',
      name: 'shop',
    });
  });

  it('and one mistake keeps the whole file out', () => {
    const text = `${placementText('a')}---\n${placementText('b', '  x: 1\n')}`;
    expect(parse(text)).toMatchObject({ isOurs: true, documents: [] });
  });
});
