import { type AssignmentPhase, type AssignmentRow, parseSshUrl } from '@flotilla/shared/model';
import type { ContentRecord, RenderProblem, RenderResult } from '../../core/index.ts';
import type { FetchedContent } from '../../ports.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import { renderFiles } from './render-files.ts';

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
  const ssh = parseSshUrl(url);
  return ssh.ok ? ssh.value.host : (URL.parse(url)?.host ?? url);
}

async function renderFetched(
  context: EngineContext,
  input: { readonly row: AssignmentRow; readonly fetched: FetchedContent; readonly signal: AbortSignal },
): Promise<RenderResult> {
  const { row, fetched, signal } = input;
  const { kustomize, helm, kube } = context.ports;
  const { render, apply } = row.variant;
  const tools = {
    ...{ clock: context.clock, kustomize, helm },
    capabilities: async (stop: AbortSignal) => ({
      kubeVersion: await context.slots.run(() => kube.serverVersion(stop), stop),
      kinds: context.discovery.kinds,
    }),
  };
  const { placement } = row;
  const subject = {
    fetched,
    render,
    placement,
    ignore: apply.ignore,
    clusterName: context.config.clusterName,
  };
  const result = await renderFiles(tools, subject, signal);
  const notes = result.kind === 'objects' ? result.notes : [];
  if (notes.length > 0)
    context.log.info('the render leaves something out', { placement, reason: notes.join('; ') });
  return result;
}
