import type { Release } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { type ResolvedPlacement, resolvePlacements } from '../placement/index.ts';
import { placementDocument, specFrom } from '../placement/placement-fixture.ts';
import { releaseOf } from './release.ts';
import { sourceOf, textsOf, treeId } from './release-fixture.ts';

interface Files {
  readonly [path: string]: string;
}

function resolved(more = '', ...documents: readonly string[]): ResolvedPlacement {
  const text = placementDocument('shop', '{matchLabels: {env: prod}}', more);
  return resolvePlacements(specFrom(text, ...documents), []).placements[0]!;
}

function release(files: Files, more = '', commit = 1): Release {
  const step = releaseOf(resolved(more), sourceOf(files, commit), textsOf(files));
  if (step.kind !== 'done') throw new Error(JSON.stringify(step));
  return step.release;
}

function problems(files: Files, more = ''): readonly string[] {
  const step = releaseOf(resolved(more), sourceOf(files), textsOf(files));
  return step.kind === 'failed'
    ? step.errors.map((one) => `${one.file}:${one.line} ${one.code} ${one.text}`)
    : [step.kind];
}

const plain: Files = { 'apps/shop/web.yaml': 'kind: Deployment', 'README.md': 'hello' };
const kustomized: Files = {
  'apps/shop/base/kustomization.yaml': 'resources: [web.yaml]\n',
  'apps/shop/base/web.yaml': 'kind: Deployment',
  'apps/shop/eu/kustomization.yaml': 'resources: [../base]\ncomponents: [../../../lib/tuned]\n',
  'lib/tuned/kustomization.yml': 'patches: [{path: patch.yaml}]\n',
  'lib/tuned/patch.yaml': 'x',
  'lib/other.yaml': 'y',
};

describe('a release', () => {
  it('has the tree of its path', () => {
    expect(release(plain).recipe.base.content.trees).toEqual([
      { path: 'apps/shop', treeId: treeId(plain, 'apps/shop') },
    ]);
  });

  it('does not change with a commit that touches nothing of it', () => {
    const before = release(plain);
    const after = release({ ...plain, 'README.md': 'other', 'apps/else/x.yaml': 'x' }, '', 2);
    expect(after.digest).toBe(before.digest);
    expect(after.commit).not.toEqual(before.commit);
    expect(release({ ...plain, 'apps/shop/web.yaml': 'kind: Job' }).digest).not.toBe(before.digest);
  });

  it('does not change with what steers rollouts only', () => {
    const before = release(plain).digest;
    expect(release(plain, '  rollout: {strategy: fast}\n').digest).toBe(before);
    expect(release(plain, '  health: {deadline: 3m}\n').digest).toBe(before);
    expect(release(plain, '  onUnmatch: orphan\n').digest).toBe(before);
    expect(release(plain, '  namespace: shop\n').digest).not.toBe(before);
    expect(release(plain, '  drift: report\n').digest).not.toBe(before);
  });

  it('takes the shorter of its own deadline and the strategy s', () => {
    expect(release(plain, '  health: {deadline: 3m}\n').recipe.base.health.deadlineMs).toBe(180_000);
    expect(release(plain, '  health: {deadline: 1h}\n').recipe.base.health.deadlineMs).toBe(600_000);
  });

  it('asks for the kustomization files that it must read, and for those these name', () => {
    const text = placementDocument('shop', '{names: [a]}').replace('apps/shop', 'apps/shop/eu');
    const placement = resolvePlacements(specFrom(text), []).placements[0]!;
    const source = sourceOf(kustomized);
    const all = textsOf(kustomized);
    const known = new Map<never, string>();
    const asked: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const step = releaseOf(placement, source, known);
      if (step.kind !== 'need') {
        expect(step).toMatchObject({
          kind: 'done',
          release: {
            recipe: {
              base: {
                content: {
                  trees: [{ path: 'apps/shop/eu' }, { path: 'apps/shop/base' }, { path: 'lib/tuned' }],
                },
              },
            },
          },
        });
        break;
      }
      asked.push(step.blobs.length);
      for (const blob of step.blobs) known.set(blob as never, all.get(blob)!);
    }
    expect(asked).toEqual([1, 2]);
  });

  it('of a renderer that reads no kustomization does not follow one', () => {
    const files = { 'apps/shop/kustomization.yaml': 'resources: [https://example.com/x]\n' };
    expect(problems(files, '  render: {renderer: plain}\n')).toEqual(['done']);
  });

  it('takes includes along', () => {
    const text = placementDocument('shop', '{names: [a]}').replace(
      '{path: apps/shop}',
      '{path: apps/shop, includes: [lib/tuned]}',
    );
    const placement = resolvePlacements(specFrom(text), []).placements[0]!;
    const files = { ...plain, ...kustomized };
    const step = releaseOf(placement, sourceOf(files), textsOf(files));
    expect(step.kind === 'done' && step.release.recipe.base.content.trees.map((one) => one.path)).toEqual([
      'apps/shop',
      'lib/tuned',
    ]);
  });
});

describe('a release cannot be made when', () => {
  it.each([
    [
      'the path is missing',
      { 'apps/shpo/x.yaml': 'x' },
      'fleet.yaml:5 PATH_MISSING there is no folder apps/shop; did you mean "apps/shpo"?',
    ],
    [
      'the path is a file',
      { 'apps/shop': 'x' },
      'fleet.yaml:5 PATH_MISSING apps/shop is a file, not a folder',
    ],
    [
      'the path is a symlink',
      { 'apps/shop': '->other' },
      'fleet.yaml:5 SYMLINK apps/shop is a symbolic link, which is refused; commit the file itself',
    ],
    [
      'a symlink lies in it',
      { 'apps/shop/a.yaml': 'x', 'apps/shop/b.yaml': '->a.yaml' },
      'fleet.yaml:5 SYMLINK apps/shop/b.yaml is a symbolic link, which is refused; commit the file itself',
    ],
    [
      'a kustomization names a URL',
      { 'apps/shop/kustomization.yaml': 'resources:\n- https://example.com/x.yaml\n' },
      'apps/shop/kustomization.yaml:2 REMOTE_RESOURCE https://example.com/x.yaml is remote, which is refused; commit it into the repository',
    ],
    [
      'a kustomization names a repository',
      { 'apps/shop/kustomization.yaml': 'resources: [github.com/a/b?ref=v1]\n' },
      'apps/shop/kustomization.yaml:1 REMOTE_RESOURCE github.com/a/b?ref=v1 is remote, which is refused; commit it into the repository',
    ],
    [
      'a kustomization names what is not there',
      { 'apps/shop/kustomization.yaml': 'bases: [../base]\n' },
      'apps/shop/kustomization.yaml:1 PATH_MISSING there is no apps/base in the repository',
    ],
    [
      'a kustomization leaves the repository',
      { 'apps/shop/kustomization.yaml': 'resources: [../../../x]\n' },
      'apps/shop/kustomization.yaml:1 PATH_MISSING ../../../x leaves the repository',
    ],
    [
      'a kustomization names a symlink',
      { 'apps/shop/kustomization.yaml': 'resources: [../x.yaml]\n', 'apps/x.yaml': '->y' },
      'apps/shop/kustomization.yaml:1 SYMLINK apps/x.yaml is a symbolic link, which is refused',
    ],
    [
      'a kustomization is no YAML',
      { 'apps/shop/kustomization.yaml': 'a: [' },
      'apps/shop/kustomization.yaml:1 BAD_KUSTOMIZATION',
    ],
    [
      'a kustomization is a list',
      { 'apps/shop/Kustomization': '- a\n' },
      'apps/shop/Kustomization:1 BAD_KUSTOMIZATION a kustomization file must hold exactly one mapping',
    ],
    [
      'a patch file is missing',
      { 'apps/shop/kustomization.yaml': 'patches: [{path: p.yaml}]\n' },
      'apps/shop/kustomization.yaml:1 PATH_MISSING there is no apps/shop/p.yaml in the repository',
    ],
  ] as readonly (readonly [string, Files, string])[])('%s', (_, files, expected) => {
    const found = problems(files);
    expect(found).toHaveLength(1);
    expect(found[0]?.slice(0, expected.length)).toBe(expected);
  });

  it('kustomizations that name each other end', () => {
    const files = {
      'apps/shop/kustomization.yaml': 'resources: [../other]\n',
      'apps/other/kustomization.yaml': 'resources: [../shop]\n',
    };
    expect(problems(files)).toEqual(['done']);
  });

  it('the folder of an outside file and generator sources come along', () => {
    const files = {
      'apps/shop/kustomization.yaml':
        'configMapGenerator: [{name: a, files: [key=../words/list.txt], envs: [.env]}]\nopenapi: {path: schema.json}\n',
      'apps/shop/.env': 'A=1',
      'apps/shop/schema.json': '{}',
      'apps/words/list.txt': 'x',
    };
    expect(release(files).recipe.base.content.trees.map((one) => one.path)).toEqual([
      'apps/shop',
      'apps/words',
    ]);
  });
});

describe('values files of a chart', () => {
  const chart: Files = {
    'apps/shop/Chart.yaml': 'name: shop',
    'apps/shop/prod.yaml': 'a: 1',
    'env/eu.yaml': 'a: 2',
  };
  const helm = (...names: readonly string[]) => `  render: {helm: {valuesFiles: [${names.join(', ')}]}}\n`;

  it('lie below the path, or below what it includes', () => {
    const more = helm('prod.yaml', '../../env/eu.yaml').replace(
      '  render',
      '  source: {path: apps/shop, includes: [env]}\n  render',
    );
    const text = placementDocument('shop', '{matchLabels: {env: prod}}', more).replace(
      / {2}source: \{path: apps\/shop\}\n/,
      '',
    );
    const [placement] = resolvePlacements(specFrom(text), []).placements;
    expect(releaseOf(placement!, sourceOf(chart), textsOf(chart)).kind).toBe('done');
    expect(problems(chart, helm('prod.yaml'))).toEqual(['done']);
  });

  it.each([
    ['gone.yaml', 'values file gone.yaml is not there: there is no file apps/shop/gone.yaml'],
    ['../../../x.yaml', 'values file ../../../x.yaml leaves the repository'],
    [
      '../../env/eu.yaml',
      'values file ../../env/eu.yaml is env/eu.yaml, which lies outside of the chart: name its folder in spec.source.includes',
    ],
  ])('that an agent would not find are said before anything is rolled out: %s', (name, says) => {
    expect(problems(chart, helm(name))).toEqual([`fleet.yaml:5 PATH_MISSING ${says}`]);
  });
});
