import type { GitId } from '@flotilla/shared/base';
import type { Render } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { chooseRenderer } from './choose-files.ts';
import { scanKustomize } from './scan-kustomize.ts';
import { formatProblem } from './source-object.ts';

const bytes = (text = '') => new TextEncoder().encode(text);
const filesOf = (files: { readonly [path: string]: string }) =>
  Object.entries(files).map(([path, text]) => ({ path, bytes: bytes(text) }));
const plain: Render = { renderer: 'auto', helm: undefined, namespace: undefined, patches: [], variables: {} };

function choose(
  paths: readonly string[],
  change: { path?: string; renderer?: Render['renderer']; refused?: readonly string[] } = {},
) {
  return chooseRenderer({
    files: paths.map((path) => ({ path, bytes: bytes() })),
    refused: (change.refused ?? []).map((path) => ({ path, text: 'is a symlink' })),
    trees: [{ path: change.path ?? 'app', treeId: 'a'.repeat(40) as GitId }],
    render: { ...plain, renderer: change.renderer ?? 'auto' },
  });
}

describe('chooseRenderer', () => {
  it('finds kustomize by its file, and reads everything else as plain manifests, in folders too', () => {
    expect(choose(['app/kustomization.yml', 'app/a.yaml'])).toEqual({ kind: 'kustomize', path: 'app' });
    const chosen = choose([
      'app/a.yaml',
      'app/sub/b.json',
      'app/README.md',
      'app/.hidden/c.yaml',
      'other/d.yaml',
      'app2/e.yaml',
    ]);
    expect(chosen).toMatchObject({
      kind: 'plain',
      files: [{ path: 'app/a.yaml' }, { path: 'app/sub/b.json' }],
    });
    expect(choose(['a.yaml'], { path: '' })).toMatchObject({ kind: 'plain', files: [{ path: 'a.yaml' }] });
  });

  it('refuses what it cannot render, by name', () => {
    expect(choose(['app/Chart.yaml'])).toMatchObject({ problems: [{ code: 'HelmUnsupported' }] });
    expect(choose(['app/README.md'])).toMatchObject({ problems: [{ code: 'NothingToApply' }] });
    expect(choose(['app/a.yaml'], { renderer: 'kustomize' })).toMatchObject({
      problems: [{ code: 'KustomizationMissing' }],
    });
    expect(choose(['app/kustomization.yaml', 'app/Kustomization'])).toMatchObject({
      problems: [{ code: 'KustomizationAmbiguous' }],
    });
  });

  it('refuses entries that could have held manifests, and leaves others alone', () => {
    expect(choose(['app/a.yaml'], { refused: ['app/link.yaml'] })).toMatchObject({
      problems: [{ code: 'EntryRefused' }],
    });
    expect(choose(['app/a.yaml'], { refused: ['app/folder'] })).toMatchObject({
      problems: [{ code: 'EntryRefused' }],
    });
    expect(choose(['app/a.yaml'], { refused: ['app/logo.png', 'other/link.yaml'] })).toMatchObject({
      kind: 'plain',
    });
  });
});

describe('scanKustomize', () => {
  const scan = (files: { readonly [path: string]: string }) =>
    scanKustomize(filesOf(files), 'app/prod').map(formatProblem);

  it('follows bases outside the path and finds nothing wrong with local ones', () => {
    expect(
      scan({
        'app/prod/kustomization.yaml':
          'resources: [../base, ./x.yaml]\nconfigMapGenerator: [{name: a, literals: ["url=https://example.org"]}]\npatches: [{path: p.yaml}]\ncommonAnnotations: {docs: https://example.org}',
        'app/prod/x.yaml': '',
        'app/base/kustomization.yaml': 'resources: [../../lib/common]',
        'lib/common/kustomization.yaml': 'components: []',
      }),
    ).toEqual([]);
  });

  it.each([
    ['a repository', 'resources: ["https://github.com/o/r//deploy?ref=v1"]'],
    ['a repository over ssh', 'resources: ["git@github.com:o/r.git"]'],
    ['a short repository name', 'resources: ["github.com/o/r//deploy"]'],
    ['a remote patch', 'patches: [{path: "https://example.org/p.yaml"}]'],
    ['a remote generator file', 'configMapGenerator: [{name: a, files: ["k=https://example.org/x"]}]'],
    ['a remote schema', 'openapi: {path: "https://example.org/s.json"}'],
    ['a remote component', 'components: ["ssh://host/r"]'],
  ])('refuses %s', (_name, text) => {
    expect(scan({ 'app/prod/kustomization.yaml': text })[0]).toContain('is remote');
  });

  it('finds remote bases of bases', () => {
    const problems = scan({
      'app/prod/kustomization.yaml': 'resources: [../base]',
      'app/base/kustomization.yaml': '# base\nresources:\n- https://example.org/all.yaml',
    });
    expect(problems).toEqual([expect.stringMatching(/^app\/base\/kustomization\.yaml:1: .*is remote/)]);
  });

  it('refuses missing files, ways out of the repository, and bases without a kustomization', () => {
    expect(
      scan({ 'app/prod/kustomization.yaml': 'resources: [gone.yaml, ../../../etc, /etc/passwd]' }),
    ).toHaveLength(3);
    expect(
      scan({ 'app/prod/kustomization.yaml': 'resources: [../base]', 'app/base/x.yaml': '' })[0],
    ).toContain('has no kustomization.yaml');
  });

  it('refuses charts and program plug-ins', () => {
    expect(scan({ 'app/prod/kustomization.yaml': 'helmCharts: [{name: x}]' })[0]).toContain(
      'helmCharts is refused',
    );
    const problems = scan({
      'app/prod/kustomization.yaml': 'generators: [g.yaml]\ntransformers: [t.yaml]',
      'app/prod/g.yaml': 'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}',
      'app/prod/t.yaml': 'metadata: {annotations: {config.kubernetes.io/function: "container: {image: x}"}}',
    });
    expect(problems).toHaveLength(2);
  });

  it('ends on bases that name each other', () => {
    expect(
      scan({
        'app/prod/kustomization.yaml': 'resources: [../base]',
        'app/base/kustomization.yaml': 'resources: [../prod]',
      }),
    ).toEqual([]);
  });
});
