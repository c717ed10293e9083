import type { GitId } from '@flotilla/shared/base';
import type { Render } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { chooseRenderer } from './choose-files.ts';

const bytes = (text = '') => new TextEncoder().encode(text);
const plain: Render = { renderer: 'auto', helm: undefined, namespace: undefined, patches: [], variables: {} };

function choose(
  paths: readonly string[],
  change: {
    path?: string;
    renderer?: Render['renderer'];
    helm?: Render['helm'];
    refused?: readonly string[];
  } = {},
) {
  return chooseRenderer({
    files: paths.map((path) => ({ path, bytes: bytes() })),
    refused: (change.refused ?? []).map((path) => ({ path, text: 'is a symlink' })),
    trees: [{ path: change.path ?? 'app', treeId: 'a'.repeat(40) as GitId }],
    render: { ...plain, renderer: change.renderer ?? 'auto', helm: change.helm },
  });
}

describe('chooseRenderer', () => {
  it('finds kustomize and Helm by their files, and reads everything else as plain manifests, in folders too', () => {
    expect(choose(['app/kustomization.yml', 'app/a.yaml'])).toEqual({ kind: 'kustomize', path: 'app' });
    expect(choose(['app/Chart.yaml', 'app/templates/a.yaml'])).toEqual({ kind: 'helm', path: 'app' });
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
    const helm = { releaseName: undefined, valuesFiles: [], valuesJson: '{}' };
    expect(choose(['app/a.yaml'], { helm })).toMatchObject({
      problems: [{ code: 'ChartMissing', text: expect.stringContaining('is rendered as plain') }],
    });
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
