import {
  chooseRenderer,
  type ManifestFile,
  maskText,
  problem,
  type RenderProblem,
  type RenderResult,
  renderManifests,
  scanKustomize,
} from '../../core/index.ts';
import type { FetchedContent } from '../../ports.ts';
import { inTurns } from './in-turns.ts';
import { renderHelm } from './render-helm.ts';
import { authorsMistake, type RenderSubject, type RenderTools } from './render-tools.ts';

/** Fetched files to objects. Rejects when a renderer, or the cluster that a chart asks about, cannot be asked. */
export async function renderFiles(
  tools: RenderTools,
  subject: RenderSubject,
  signal: AbortSignal,
): Promise<RenderResult> {
  const { fetched, render, clusterName } = subject;
  const { patches, variables } = render;
  const patching = { patches, variables, clusterName };
  const choice = chooseRenderer({
    files: fetched.files,
    refused: fetched.problems,
    trees: fetched.trees,
    render,
  });
  const toObjects = (files: readonly ManifestFile[]) =>
    inTurns(renderManifests(files, patching), tools.clock, signal);
  switch (choice.kind) {
    case 'refused':
      return { kind: 'problems', problems: choice.problems };
    case 'plain':
      return await toObjects(choice.files);
    case 'helm':
      return await renderHelm(tools, { ...subject, path: choice.path, toObjects }, signal);
    case 'kustomize': {
      const remote = scanKustomize(fetched.files, choice.path);
      if (remote.length > 0) return { kind: 'problems', problems: remote };
      const built = await buildKustomize(tools, { files: fetched.files, path: choice.path }, signal);
      return 'code' in built ? { kind: 'problems', problems: [built] } : await toObjects([built]);
    }
  }
}

async function buildKustomize(
  tools: RenderTools,
  input: { readonly files: FetchedContent['files']; readonly path: string },
  signal: AbortSignal,
): Promise<ManifestFile | RenderProblem> {
  try {
    const text = await tools.kustomize.build(input, signal);
    return { path: input.path, bytes: new TextEncoder().encode(text) };
  } catch (error) {
    const origin = { origin: { path: input.path, document: 1 } };
    return problem('KustomizeFailed', maskText(authorsMistake(error, signal), ''), origin);
  }
}
