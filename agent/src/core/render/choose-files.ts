import type { Render, Renderer, TreeRef } from '@flotilla/shared/model';
import type { ManifestFile } from './read-documents.ts';
import { problem, type RenderProblem } from './source-object.ts';

/** An entry of the fetched trees that is not a plain file: a symlink, a submodule, an LFS pointer. */
export interface RefusedEntry {
  readonly path: string;
  readonly text: string;
}

/** What was fetched for a variant. */
export interface RenderInput {
  /** At their paths in the repository, sorted. */
  readonly files: readonly ManifestFile[];
  readonly refused: readonly RefusedEntry[];
  /** The first is the placement's path. */
  readonly trees: readonly TreeRef[];
  readonly render: Render;
}

/** How a variant is rendered, or why it cannot be. */
export type RenderChoice =
  | { readonly kind: 'plain'; readonly files: readonly ManifestFile[] }
  | { readonly kind: 'kustomize'; readonly path: string }
  | { readonly kind: 'helm'; readonly path: string }
  | { readonly kind: 'refused'; readonly problems: readonly RenderProblem[] };

/** The names under which kustomize looks for its file. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Finds out how files become objects: as the placement says, else by what lies in its folder. */
export function chooseRenderer(input: RenderInput): RenderChoice {
  const path = input.trees[0]?.path ?? '';
  const refused = refusedIn(input, path);
  if (refused.length > 0) return { kind: 'refused', problems: refused };
  const { renderer: asked } = input.render;
  const renderer: Exclude<Renderer, 'auto'> = asked === 'auto' ? detect(input.files, path) : asked;
  if (renderer !== 'helm' && input.render.helm !== undefined)
    return refuse(
      'ChartMissing',
      `${label(path)} is rendered as ${renderer}, but the placement has values for a Helm chart: take them out, or name a folder with a Chart.yaml`,
    );
  switch (renderer) {
    case 'kustomize':
      return chooseKustomize(input, path);
    case 'helm':
      return { kind: 'helm', path };
    case 'plain':
      return choosePlain(input.files, path);
  }
}

function detect(files: readonly ManifestFile[], path: string): Exclude<Renderer, 'auto'> {
  const names = new Set(files.map((file) => file.path));
  if (kustomizationNames.some((name) => names.has(join(path, name)))) return 'kustomize';
  return names.has(join(path, 'Chart.yaml')) ? 'helm' : 'plain';
}

function chooseKustomize(input: RenderInput, path: string): RenderChoice {
  const found = kustomizationNames.filter((name) =>
    input.files.some((file) => file.path === join(path, name)),
  );
  if (found.length === 1) return { kind: 'kustomize', path };
  return found.length === 0
    ? refuse('KustomizationMissing', `${label(path)} has no kustomization.yaml`)
    : refuse('KustomizationAmbiguous', `${label(path)} has ${found.join(' and ')}: keep one`);
}

/** Manifests below the path, also in folders; names that begin with a dot are not for clusters. */
function choosePlain(files: readonly ManifestFile[], path: string): RenderChoice {
  const below = files.filter((file) => isBelow(file.path, path) && isManifestName(relative(file.path, path)));
  if (below.length === 0)
    return refuse(
      'NothingToApply',
      `${label(path)} has no .yaml, .yml or .json file: nothing is changed on the cluster`,
    );
  return { kind: 'plain', files: below };
}

function isManifestName(path: string): boolean {
  const isHidden = path.split('/').some((segment) => segment.startsWith('.'));
  return !isHidden && /\.(?:yaml|yml|json)$/.test(path);
}

/** Manifests, and what a chart is made of besides. */
const manifestLike = /\.(?:yaml|yml|json|tpl|txt|tgz|gz)$/;

/** Refused entries that could have held manifests. Elsewhere in the trees they do no harm. */
function refusedIn(input: RenderInput, path: string): readonly RenderProblem[] {
  return input.refused
    .filter((entry) => isBelow(entry.path, path) || input.render.renderer === 'kustomize')
    .filter((entry) => !/\.[A-Za-z0-9]+$/.test(entry.path) || manifestLike.test(entry.path))
    .map((entry) => problem('EntryRefused', `${entry.path}: ${entry.text}`));
}

function refuse(code: string, text: string): RenderChoice {
  return { kind: 'refused', problems: [problem(code, text)] };
}

function isBelow(file: string, folder: string): boolean {
  return folder === '' || file === folder || file.startsWith(`${folder}/`);
}

function relative(file: string, folder: string): string {
  return folder === '' ? file : file.slice(folder.length + 1);
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function label(path: string): string {
  return path === '' ? 'the root of the repository' : path;
}
