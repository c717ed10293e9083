import { describeError, FlotillaError } from '@flotilla/shared/base';
import type { AssignmentPhase, AssignmentRow } from '@flotilla/shared/model';
import {
  type ContentRecord,
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
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';

/** How long rendering may keep the event loop before other work gets its turn. */
const turnMs = 10;

/** A content, or everything that is wrong with it. */
export type Rendered = ContentRecord | { readonly problems: readonly RenderProblem[] };

/** Gets a row's content from Git and renders it. Rejects when Git or a renderer cannot be asked. */
export async function renderRow(
  context: EngineContext,
  memory: AssignmentMemory,
  options: { readonly row: AssignmentRow; readonly signal: AbortSignal },
): Promise<Rendered> {
  const { row, signal } = options;
  const { clock } = context;
  const { content, render, apply, digest } = row.variant;
  enter(context, memory, 'fetching');
  const startedMs = clock.nowMs();
  const fetched = await fetchContent(context, row, signal);
  const fetchedMs = clock.nowMs();
  enter(context, memory, 'rendering');
  const result = await renderFetched(context, { row, fetched, signal });
  memory.timings = {
    ...memory.timings,
    fetchMs: Math.round(fetchedMs - startedMs),
    renderMs: Math.round(clock.nowMs() - fetchedMs),
  };
  if (result.kind === 'problems') return { problems: result.problems };
  const placing = {
    namespace: render.namespace,
    createNamespace: apply.createNamespace,
    ignore: apply.ignore,
  };
  return { variantDigest: digest, commit: content.commit.id, options: placing, objects: result.objects };
}

function enter(context: EngineContext, memory: AssignmentMemory, phase: AssignmentPhase): void {
  memory.phase = phase;
  context.reportChanged(memory);
}

async function fetchContent(
  context: EngineContext,
  row: AssignmentRow,
  signal: AbortSignal,
): Promise<FetchedContent> {
  const { content } = row.variant;
  const name = content.credential;
  const own = name === undefined ? undefined : await context.ports.credentials.find(name, signal);
  // What comes with a row is for the row's own repository and for nothing else (PROTOCOL.md 3.8).
  const delivered = row.credential && { ...row.credential, url: content.repositoryUrl };
  const fetched = await context.ports.content.fetch(content, own ?? delivered, signal);
  context.metrics.fetches.add(1, { rung: fetched.rung });
  context.fetched(hostOf(content.repositoryUrl), fetched.rung);
  return fetched;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : (url.split(':')[0] ?? url);
}

async function renderFetched(
  context: EngineContext,
  input: { readonly row: AssignmentRow; readonly fetched: FetchedContent; readonly signal: AbortSignal },
): Promise<RenderResult> {
  const { row, fetched, signal } = input;
  const { render } = row.variant;
  const { patches, variables } = render;
  const patching = { patches, variables, clusterName: context.config.clusterName };
  const choice = chooseRenderer({
    files: fetched.files,
    refused: fetched.problems,
    trees: fetched.trees,
    render,
  });
  if (choice.kind === 'refused') return { kind: 'problems', problems: choice.problems };
  if (choice.kind === 'plain') return await inTurns(renderManifests(choice.files, patching), context, signal);
  const remote = scanKustomize(fetched.files, choice.path);
  if (remote.length > 0) return { kind: 'problems', problems: remote };
  const built = await buildKustomize(context, { files: fetched.files, path: choice.path }, signal);
  if ('code' in built) return { kind: 'problems', problems: [built] };
  return await inTurns(renderManifests([built], patching), context, signal);
}

async function buildKustomize(
  context: EngineContext,
  input: { readonly files: FetchedContent['files']; readonly path: string },
  signal: AbortSignal,
): Promise<ManifestFile | RenderProblem> {
  try {
    const text = await context.ports.kustomize.build(input, signal);
    return { path: input.path, bytes: new TextEncoder().encode(text) };
  } catch (error) {
    signal.throwIfAborted();
    // What kustomize says about the files is the author's mistake; a child that could not be started is ours.
    if (!(error instanceof FlotillaError) || error.retry !== 'never') throw error;
    const origin = { origin: { path: input.path, document: 1 } };
    return problem('KustomizeFailed', maskText(describeError(error), ''), origin);
  }
}

/** Runs a long computation piece by piece, so that heartbeats and other assignments go on. */
async function inTurns<T>(
  work: Generator<undefined, T>,
  context: EngineContext,
  signal: AbortSignal,
): Promise<T> {
  let turnStartedMs = context.clock.nowMs();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (context.clock.nowMs() - turnStartedMs < turnMs) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    turnStartedMs = context.clock.nowMs();
  }
}
