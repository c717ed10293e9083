import { describe, expect, it } from 'vitest';
import { controlPaths, parseControlFile } from './parse.ts';
import { complaints, head, parse, placementIn, placementText } from './spec-fixture.ts';

describe('a placement', () => {
  it('needs nine lines; everything else has a default', () => {
    const text = `${head}kind: Placement
metadata:
  name: ingress
spec:
  source:
    path: apps/ingress
  clusters:
    matchLabels: {env: prod}
`;
    expect(placementIn(text)).toMatchObject({
      name: 'ingress',
      at: { file: 'a.yaml', line: 1, column: 1 },
      source: { path: 'apps/ingress', repo: undefined, ref: undefined },
      renderer: 'auto',
      apply: { mode: 'bestEffort', takeOver: 'ifNoDiff', drift: 'correct', createNamespace: false },
      prune: { enabled: true, maxObjects: 20, maxPercent: 30 },
      strategy: undefined,
      onUnmatch: 'prune',
      history: 10,
      unsupported: [],
    });
  });

  it('may say everything that the design lists', () => {
    const text = `${head}kind: Placement
metadata: {name: ingress, annotations: {team: edge}}
spec:
  source: {repo: platform, ref: main, path: ./apps//ingress/, includes: [lib/base]}
  render:
    helm: {releaseName: ingress, namespace: ingress, valuesFiles: [values.yaml], values: {replicas: 2}}
    variables: {host: "\${cluster.name}.example.org"}
  namespace: ingress
  clusters: {matchLabels: {env: prod}, matchExpressions: [{key: tier, operator: In, values: [a, b]}], names: [eu-1], group: eu, exclude: [edge-7], tolerate: [gpu]}
  overrides:
  - clusters: {matchLabels: {region: eu}}
    overlay: overlays/eu
    values: {replicas: 3, host: "\${cluster.name}.example.org"}
    patches: [{target: {kind: Deployment}, patch: [{op: replace, path: /spec/replicas, value: 3}]}]
  health: {deadline: 10m, checks: [{cel: "object.status.ready", kind: Certificate}]}
  drift: report
  apply: atomic
  ignore: [{kind: Deployment, pointers: [/spec/replicas]}]
  createNamespace: true
  priority: 5
  prune: {enabled: true, maxObjects: 5, maxPercent: 10}
  rollout: {strategy: careful, onNewRevision: auto, history: 3}
  onUnmatch: orphan
  takeover: never
`;
    expect(placementIn(text)).toMatchObject({
      source: {
        repo: { name: 'platform' },
        ref: 'main',
        path: 'apps/ingress',
        includes: [{ path: 'lib/base' }],
      },
      renderer: 'helm',
      helm: { releaseName: 'ingress', valuesFiles: ['values.yaml'], valuesJson: '{"replicas":2}' },
      variables: { host: '${cluster.name}.example.org' },
      clusters: { group: { name: 'eu' }, names: ['eu-1'], exclude: ['edge-7'] },
      tolerate: ['gpu'],
      overrides: [{ overlay: { path: 'overlays/eu' }, patches: [{ kind: 'json' }] }],
      deadlineMs: 600_000,
      checks: [{ cel: 'object.status.ready', target: { kind: 'Certificate' } }],
      apply: { mode: 'atomic', drift: 'report', priority: 5, takeOver: 'never', createNamespace: true },
      prune: { maxObjects: 5, maxPercent: 10 },
      strategy: { name: 'careful' },
      history: 3,
      onUnmatch: 'orphan',
      unsupported: [],
    });
  });
});

describe('a strategy', () => {
  const strategy = (stages: string, defaults = '') =>
    `${head}kind: RolloutStrategy\nmetadata: {name: s}\nspec:\n  stages:\n${stages}${defaults}`;

  it('has canaries that may not fail, and waves of the default shape', () => {
    const text = strategy('  - {name: canary, canary: 1, soak: 2s}\n  - {name: rest, remaining: true}\n');
    const document = parse(text).documents[0];
    expect(document?.kind === 'RolloutStrategy' && document.spec.stages).toMatchObject([
      { select: { kind: 'canary', count: 1 }, soakMs: 2_000, failure: { max: { kind: 'count', count: 0 } } },
      { select: { kind: 'remaining' }, soakMs: 300_000, failure: undefined, waves: { growth: 2 } },
    ]);
  });

  it.each([
    [
      'two ways to select',
      '  - {name: a, canary: 1, remaining: true}\n',
      'a.yaml:6:5 CONTRADICTION spec.stages[0] needs exactly one of canary, clusters and remaining, has 2',
    ],
    [
      'a stage that can take nobody',
      '  - {name: a, remaining: true}\n  - {name: b, canary: 1}\n',
      'a.yaml:7:5 CONTRADICTION spec.stages[1] can take no cluster: an earlier stage takes all that remain',
    ],
    [
      'a stage twice',
      '  - {name: a, canary: 1}\n  - {name: a, remaining: true}\n',
      'a.yaml:7:12 DUPLICATE_NAME spec.stages[1].name is the name of an earlier stage',
    ],
    [
      'waves that never start',
      '  - {name: a, remaining: true, waves: {start: 0}}\n',
      'a.yaml:6:47 CONTRADICTION spec.stages[0].waves.start would never start a cluster',
    ],
    [
      'waves that shrink',
      '  - {name: a, remaining: true, waves: {start: 50%, max: 10%}}\n',
      'a.yaml:6:47 CONTRADICTION spec.stages[0].waves.start is larger than waves.max',
    ],
  ])('cannot have %s', (_, stages, expected) => {
    expect(complaints(strategy(stages))).toEqual([expected]);
  });
});

describe('what is valid but cannot be done yet', () => {
  it('a range of versions is noted with its place', () => {
    const field = 'source: {path: a, ref: "^1.2"}';
    const text = placementText('shop').replace('source: {path: apps/shop}', field);
    const [note] = placementIn(text).unsupported;
    expect(note).toMatchObject({ code: 'NOT_SUPPORTED_YET', file: 'a.yaml' });
    expect(note?.text).toContain('spec.source.ref is a range of versions');
  });
});

describe('confirm', () => {
  it('becomes the time of silence after which a change is taken back', () => {
    expect(placementIn(placementText('shop', '  confirm: 5m\n')).apply.confirmMs).toBe(300_000);
    expect(placementIn(placementText('shop')).apply.confirmMs).toBeUndefined();
  });

  it('shorter than a minute would take changes back for nothing', () => {
    const [found] = complaints(placementText('shop', '  confirm: 59s\n'));
    expect(found).toContain('CONTRADICTION spec.confirm is too short');
    expect(complaints(placementText('shop', '  confirm: 1m\n'))).toEqual([]);
  });
});

describe('files that are not ours', () => {
  it.each([
    ['other Kubernetes YAML', 'apiVersion: v1\nkind: ConfigMap\n'],
    [
      'somebody else s Placement',
      'apiVersion: cluster.open-cluster-management.io/v1beta1\nkind: Placement\n',
    ],
    ['a Helm template that is no YAML', 'kind: {{ .Values.kind }}\n  bad: [\n'],
    ['a template of some Placement that is no YAML', 'kind: Placement\n  bad: [\n'],
    ['an empty file', ''],
    ['only comments', '# nothing here\n---\n'],
  ])('%s', (_, text) => {
    expect(parse(text)).toEqual({ path: 'a.yaml', isOurs: false, documents: [], errors: [] });
  });

  it('but broken YAML is a mistake where our documents are in force', () => {
    expect(parseControlFile({ path: 'a.yaml', text: 'a: [' }, true).errors).toHaveLength(1);
  });

  it('and a file in which the parser lost its way has one mistake: the first', () => {
    const text = placementText('shop', '  namespace: [shop\n  createNamespace: true\n');
    expect(complaints(text)).toHaveLength(1);
    expect(complaints(text)[0]).toMatch(/^a\.yaml:8:3 YAML_SYNTAX not valid YAML: flow sequence/);
    expect(
      complaints(placementText('shop', '  drift: report\n  drift: report\n  prune: {}\n  prune: {}\n')),
    ).toHaveLength(2);
  });

  it('and a placement without any apiVersion is a slip, not somebody else s', () => {
    const text = placementText('shop').slice(head.length);
    expect(complaints(text)[0]).toBe(
      'a.yaml:1:7 MISSING_FIELD apiVersion is required; write apiVersion: flotilla.dev/v1alpha1',
    );
  });

  it('stand beside ours in one file', () => {
    const text = `apiVersion: v1\nkind: ConfigMap\n---\n${placementText('shop')}`;
    expect(parse(text).documents).toHaveLength(1);
  });
});

describe('YAML is read as kubectl reads it', () => {
  it('aliases and merge keys work, alias bombs are refused', () => {
    const text = placementText('shop', '  render: {variables: &v {a: x}}\n');
    expect(placementIn(text).variables).toEqual({ a: 'x' });
    const bomb = `${head}a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`;
    expect(complaints(bomb)[0]).toContain('YAML_SYNTAX aliases of this document cannot be followed');
  });

  it('dates stay text and octals are numbers', () => {
    const text = placementText('shop', '  hold: {release: abcdef0, reason: 2026-12-01, until: 2026-12-01}\n');
    expect(placementIn(text).hold?.reason).toBe('2026-12-01');
    expect(complaints(placementText('shop', '  priority: 0o17\n'))).toEqual([]);
  });
});

describe('controlPaths', () => {
  it('takes YAML and JSON that .flotillaignore does not name, sorted', () => {
    const paths = ['b.yaml', 'a.yml', 'x/c.json', 'README.md', 'charts/t.yaml', 'charts/keep.yaml'];
    expect(controlPaths(paths, 'charts/*\n!charts/keep.yaml\n')).toEqual([
      'a.yml',
      'b.yaml',
      'charts/keep.yaml',
      'x/c.json',
    ]);
  });
});

describe('a file that was in force', () => {
  const misspelt = `apiVersion: flotila.dev/v1alpha1
kind: Cluster
metadata: {name: eu-1}
labels: {env: prod}
`;

  it('does not lose a document to a slip in its apiVersion', () => {
    const parsed = parseControlFile({ path: 'fleet/eu-1.yaml', text: misspelt }, true);
    expect(parsed.errors).toMatchObject([
      {
        file: 'fleet/eu-1.yaml',
        line: 1,
        code: 'UNKNOWN_VERSION',
        document: { kind: 'Cluster', name: 'eu-1' },
      },
    ]);
    expect(parsed.errors[0]?.text).toContain('flotila.dev/v1alpha1 is not known here');
  });

  it("may hold other people's documents of the same kind", () => {
    const theirs = misspelt.replace('flotila.dev/v1alpha1', 'cluster.x-k8s.io/v1beta1');
    expect(parseControlFile({ path: 'fleet/eu-1.yaml', text: theirs }, true)).toMatchObject({
      isOurs: false,
      errors: [],
    });
  });
});
