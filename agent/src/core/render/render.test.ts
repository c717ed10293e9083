import type { RenderPatch } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { renderManifests } from './render.ts';
import { formatProblem, type SourceObject } from './source-object.ts';

const text = new TextEncoder();
const variables = { host: 'eu-1.example.org' };

function render(files: { readonly [path: string]: string }, patches: readonly RenderPatch[] = []) {
  const list = Object.entries(files).map(([path, content]) => ({ path, bytes: text.encode(content) }));
  const steps = renderManifests(list, { patches, variables, clusterName: 'eu-1' });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function objectsOf(content: string, patches: readonly RenderPatch[] = []): readonly SourceObject[] {
  const result = render({ 'a.yaml': content }, patches);
  if (result.kind === 'problems') throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.objects;
}

function problemsOf(
  files: { readonly [path: string]: string } | string,
  patches: readonly RenderPatch[] = [],
) {
  const result = render(typeof files === 'string' ? { 'a.yaml': files } : files, patches);
  return result.kind === 'problems' ? result.problems.map(formatProblem) : [];
}

const configMap = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${data}`;

describe('reading manifests as kubectl does', () => {
  it('splits documents, skips empty and comment-only ones, and remembers file and document', () => {
    const objects = objectsOf(
      '# licence\n---\n# nothing\n---   # first\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n---\n---\napiVersion: v1\nkind: Service\nmetadata: {name: t}\n',
    );
    expect(objects.map(({ object, origin }) => [object.kind, origin.document])).toEqual([
      ['Secret', 1],
      ['Service', 2],
    ]);
  });

  it('reads scalars by the rules of YAML 1.1 without its times', () => {
    const [one] = objectsOf(
      configMap(
        '  a: no\n  b: 017\n  c: 2026-01-02\n  d: 12:30:45\n  e: "no"\n  f: ~\n  g: 0x1F\n  h: 1e3\n  i: =\n  j: 0o17\n  k: Yes\n  l: 1_000\n  m: !!binary aGk=',
      ),
    );
    expect(one?.object['data']).toEqual({
      ...{ a: false, b: 15, c: '2026-01-02', d: '12:30:45', e: 'no', f: null, g: 31, h: 1000 },
      ...{ i: '=', j: 15, k: true, l: 1000, m: 'hi' },
    });
  });

  it('keeps a line of dashes inside a text, and Windows line ends apart', () => {
    const [one] = objectsOf(configMap('  a: |\n    x\n    ---\n    y\n'));
    expect(one?.object['data']).toEqual({ a: 'x\n---\ny\n' });
    expect(objectsOf('---\r\napiVersion: v1\r\nkind: A\r\nmetadata: {name: a}\r\n---\r\n')).toHaveLength(1);
  });

  it('resolves anchors and merge keys', () => {
    const [one] = objectsOf(configMap('  base: &b {x: "1"}\n  all: {<<: *b, z: "2"}'));
    expect(one?.object['data']).toMatchObject({ all: { x: '1', z: '2' } });
  });

  it('reads JSON files', () => {
    const result = render({
      'a.json': '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"n":1.5,"s":"\\u00e9"}',
    });
    expect(result).toMatchObject({ kind: 'objects', objects: [{ object: { n: 1.5, s: 'é' } }] });
  });

  it('takes lists apart, also typed ones whose items have no kind, and nested ones', () => {
    const objects = objectsOf(
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: rbac.authorization.k8s.io/v1\n  kind: RoleList\n  items:\n  - metadata: {name: r}\n- {apiVersion: v1, kind: Secret, metadata: {name: s}}',
    );
    expect(objects.map((one) => `${one.object.apiVersion} ${one.object.kind}`)).toEqual([
      'rbac.authorization.k8s.io/v1 Role',
      'v1 Secret',
    ]);
  });

  it('passes over kustomize files, but not over Flux objects of the same kind', () => {
    const flux = 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: f}';
    const result = render({
      'a/kustomization.yaml': 'resources: [x.yaml]',
      'b/k.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []',
      'flux.yaml': flux,
    });
    expect(result).toMatchObject({ kind: 'objects', objects: [{ origin: { path: 'flux.yaml' } }] });
  });
});

describe('mistakes', () => {
  it('are all reported at once, each with its place', () => {
    const problems = problemsOf({
      'a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: ok}\n---\nkind: X\n---\na: [1\nb: 2',
      'b.yaml': 'just text',
    });
    expect(problems[0]).toBe('a.yaml:2: is not a Kubernetes object: apiVersion is missing');
    expect(problems[1]).toMatch(/^a\.yaml:3, line 8: /);
    expect(problems[2]).toBe('b.yaml:1: is not a Kubernetes object: it is no mapping');
    expect(problems).toHaveLength(3);
  });

  it.each([
    ['duplicate keys', configMap('  a: 1\n  a: 2'), /unique/],
    ['unknown tags', configMap('  a: !secret x'), /tag/],
    ['a prototype key', configMap('  __proto__: {x: 1}'), /__proto__/],
    ['infinite numbers', configMap('  a: .inf'), /JSON does not know/],
    ['numbers that lose digits', configMap('  a: 12345678901234567890'), /quote it/],
    ['bytes that are no text', configMap('  a: !!binary /w=='), /not UTF-8/],
    ['sets', configMap('  a: !!set {x, y}'), /JSON cannot carry/],
    ['deep nesting', configMap(`  a: ${'['.repeat(250)}${']'.repeat(250)}`), /nested deeper/],
    ['absurd nesting', configMap(`  a: ${'['.repeat(50_000)}`), /./],
    ['a missing name', 'apiVersion: v1\nkind: Secret\nmetadata: {generateName: a-}', /generateName/],
    ['no metadata', 'apiVersion: v1\nkind: Secret', /no metadata/],
    [
      'a namespace that is no text',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: 7}',
      /not text/,
    ],
    ['an object that is too large', configMap(`  a: "${'x'.repeat(1_000_001)}"`), /1000000/],
    ['an object whose characters have several bytes', configMap(`  a: "${'ü'.repeat(500_001)}"`), /1000000/],
    [
      'more bytes in all than the bound',
      `x: &a ${'x'.repeat(900_000)}\nitems: [${'{apiVersion: v1, kind: S, metadata: {name: one}, data: *a},'.repeat(23)}]`,
      /more than 20000000 bytes of objects/,
    ],
    [
      'an alias bomb',
      configMap(
        '  a: &a [x,x,x,x,x,x,x,x,x]\n  b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n  c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n  d: [*c,*c,*c,*c,*c,*c,*c]',
      ),
      /alias/i,
    ],
  ])('refuses %s', (_name, content, expected) => {
    expect(problemsOf(content)[0]).toMatch(expected);
  });

  it('refuses bytes that are not text', () => {
    const steps = renderManifests([{ path: 'a.yaml', bytes: new Uint8Array([0xff, 0xfe]) }], {
      patches: [],
      variables,
      clusterName: 'eu-1',
    });
    expect(steps.next().done).toBe(false);
    expect(steps.next().value).toMatchObject({ problems: [{ code: 'NotText' }] });
  });

  it('makes an empty render a problem, never an empty set', () => {
    expect(problemsOf('# nothing')).toEqual([expect.stringContaining('hold no object')]);
    expect(problemsOf({})).toEqual([expect.stringContaining('hold no object')]);
    expect(problemsOf('apiVersion: v1\nkind: List\nitems: []')).toEqual([
      expect.stringContaining('hold no object'),
    ]);
  });

  it('lists at most so many problems and counts the rest', () => {
    const problems = problemsOf(Array.from({ length: 80 }, () => 'x').join('\n---\n'));
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toBe('and 30 more problems');
  });

  it('refuses more objects than the bound', () => {
    const many = Array.from(
      { length: 5_001 },
      (_, index) => `{apiVersion: v1, kind: S, metadata: {name: n${index}}}`,
    );
    expect(problemsOf(`apiVersion: v1\nkind: List\nitems: [${many.join(',')}]`)[0]).toContain(
      'more than 5000 objects',
    );
  });
});

describe('patches of the placement', () => {
  const two =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {tier: front}}\nspec: {replicas: 1, args: [a, b]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}';
  const json = (target: RenderPatch['target'], patch: unknown): RenderPatch => ({
    target,
    kind: 'json',
    patchJson: JSON.stringify(patch),
  });
  const spec = (patches: readonly RenderPatch[]) => objectsOf(two, patches)[0]?.object['spec'];

  it('use the variables of the cluster in their values, both kinds of patches, and files do not', () => {
    const merge: RenderPatch = {
      target: {},
      kind: 'merge',
      patchJson: '{"spec":{"url":"https://${var.host}/"}}',
    };
    const add = json({}, [
      { op: 'add', path: '/spec/host', value: ['${var.host}', '$${var.host}', '${HOME}'] },
    ]);
    const file = 'apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: {own: "${var.host}"}\n';
    expect(objectsOf(file, [merge, add])[0]?.object['spec']).toEqual({
      own: '${var.host}',
      url: 'https://eu-1.example.org/',
      host: ['eu-1.example.org', '${var.host}', '${HOME}'],
    });
  });

  it('name the cluster and the variable that it lacks', () => {
    const merge: RenderPatch = { target: { kind: 'A' }, kind: 'merge', patchJson: '{"x":"${var.hots}"}' };
    const result = render({ 'a.yaml': two }, [merge]);
    expect(result).toMatchObject({ problems: [{ code: 'VariableMissing' }] });
    expect(problemsOf(two, [merge])[0]).toContain(
      'patch 1 of the placement (kind: A) holds ${var.hots}, and cluster eu-1 is given no such variable: declare it in spec.render.variables',
    );
  });

  it('change what their target names', () => {
    expect(
      spec([
        json({ kind: 'Deployment' }, [
          { op: 'replace', path: '/spec/replicas', value: 3 },
          { op: 'add', path: '/spec/args/-', value: 'c' },
        ]),
      ]),
    ).toEqual({ replicas: 3, args: ['a', 'b', 'c'] });
    const merge: RenderPatch = {
      target: { labelSelector: 'tier in (front, back)' },
      kind: 'merge',
      patchJson: '{"spec":{"replicas":null,"x":{"y":1}}}',
    };
    expect(spec([merge])).toEqual({ args: ['a', 'b'], x: { y: 1 } });
  });

  it.each([
    [[{ kind: 'DaemonSet' }, []], /matches no object/],
    [[{ labelSelector: 'a b' }, []], /not a label requirement/],
    [
      [{ kind: 'Service' }, [{ op: 'remove', path: '/nope' }]],
      /operation 1 \(remove \/nope\): the place does not exist/,
    ],
    [[{ kind: 'Service' }, [{ op: 'test', path: '/kind', value: 'X' }]], /differs/],
    [[{ kind: 'Service' }, [{ op: 'remove', path: '/kind' }]], /leaves no/],
    [[{ kind: 'Service' }, { not: 'a list' }], /list of operations/],
  ] as const)('are refused when they cannot work: %j', ([target, patch], expected) => {
    expect(problemsOf(two, [json(target, patch)])[0]).toMatch(expected);
  });

  it('never touch a prototype', () => {
    const bad: RenderPatch = { target: {}, kind: 'merge', patchJson: '{"__proto__":{"polluted":1}}' };
    expect(problemsOf(two, [bad])[0]).toContain('is not JSON');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
