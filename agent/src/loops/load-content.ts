import { describeError, FlotillaError } from '@flotilla/shared/base';
import type { AssignmentPhase, AssignmentRow } from '@flotilla/shared/model';
import {
  type ContentRecord,
  chooseRenderer,
  encodeContent,
  type ManifestFile,
  maskText,
  parseContent,
  problem,
  type RenderProblem,
  type RenderResult,
  renderManifests,
  scanKustomize,
  type Trouble,
} from '../core/index.ts';
import type { FetchedContent } from '../ports.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import { hasRowContent } from './assignment-memory.ts';
import type { EngineContext } from './engine-context.ts';
import { holdContent, placedContent } from './place-content.ts';
import { renderTrouble } from './render-trouble.ts';

/** How long rendering may keep the event loop before other work gets its turn. */
const turnMs = 10;

/**
 * Makes the row's content available: what is held, else what the store has (also of the variant before, for a rollback
 * with Git away), else from Git. When it cannot be had, `trouble` says why and the content before stays.
 */
export async function loadContent(
  context: EngineContext,
  memory: AssignmentMemory,
  options: { readonly row: AssignmentRow; readonly signal: AbortSignal },
): Promise<void> {
  const { row, signal } = options;
  try {
    const problems = hasRowContent(memory) ? [] : await takeRow(context, memory, options);
    memory.trouble = problems.length === 0 ? undefined : renderTrouble(problems);
  } catch (error) {
    signal.throwIfAborted();
    memory.trouble = ioTrouble(error, memory.phase);
  }
  memory.isContentKnown = true;
  nameCommit(memory, row);
}

/** Another commit with the same trees is the same content under a newer name. */
function nameCommit(memory: AssignmentMemory, row: AssignmentRow): void {
  const { content } = memory;
  const commit = row.variant.content.commit.id;
  if (content === undefined || !hasRowContent(memory) || content.record.commit === commit) return;
  memory.content = { ...content, record: { ...content.record, commit } };
}

/** Gets the row's content and makes it the held one; resolves to its mistakes, and then nothing was changed. */
async function takeRow(
  context: EngineContext,
  memory: AssignmentMemory,
  options: { readonly row: AssignmentRow; readonly signal: AbortSignal },
): Promise<readonly RenderProblem[]> {
  const record =
    (await readPrevious(context, memory, options)) ?? (await renderRow(context, memory, options));
  if ('problems' in record) return record.problems;
  const content = placedContent(context, memory, record);
  const problems = content.placing?.problems ?? [];
  if (problems.length > 0) return problems;
  await keep(context, record, options);
  holdContent(context, memory, content);
  return [];
}

/** Reads the last good content at the first look after a start, whatever the row now says. */
export async function loadStoredContent(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const record = await readRecord(context, currentKey(memory), signal);
  if (record !== undefined) holdContent(context, memory, placedContent(context, memory, record));
}

/** Forgets all stored content of a placement. */
export async function forgetContent(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  await context.ports.store.remove(currentKey(memory), signal);
  await context.ports.store.remove(previousKey(memory), signal);
}

function currentKey(memory: AssignmentMemory): string {
  return `content/${memory.placement}`;
}

function previousKey(memory: AssignmentMemory): string {
  return `content-before/${memory.placement}`;
}

/** The variant before may be what is wanted again. */
async function readPrevious(
  context: EngineContext,
  memory: AssignmentMemory,
  options: { readonly row: AssignmentRow; readonly signal: AbortSignal },
): Promise<ContentRecord | undefined> {
  const record = await readRecord(context, previousKey(memory), options.signal);
  return record?.variantDigest === options.row.variant.digest ? record : undefined;
}

/** Stored content that cannot be read is as good as none: it is rendered anew. */
async function readRecord(
  context: EngineContext,
  key: string,
  signal: AbortSignal,
): Promise<ContentRecord | undefined> {
  try {
    const stored = await context.ports.store.read(key, signal);
    const parsed = stored === undefined ? undefined : parseContent(stored);
    if (parsed?.ok === false) context.log.info('stored content is not used', { key, reason: parsed.error });
    return parsed?.ok === true ? parsed.value : undefined;
  } catch (error) {
    signal.throwIfAborted();
    context.log.warn('stored content cannot be read', { key, error });
    return undefined;
  }
}

/** Makes a content the stored one before anything of it is applied; the one before stays beside it. */
async function keep(
  context: EngineContext,
  record: ContentRecord,
  options: { readonly row: AssignmentRow; readonly signal: AbortSignal },
): Promise<void> {
  const { store } = context.ports;
  const { row, signal } = options;
  const key = `content/${row.placement}`;
  const before = await store.read(key, signal).catch(() => undefined);
  if (before !== undefined) await store.write(`content-before/${row.placement}`, before, signal);
  await store.write(key, encodeContent(record), signal);
}

type Rendered = ContentRecord | { readonly problems: readonly RenderProblem[] };

async function renderRow(
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
  const fetched = await context.ports.content.fetch(content, own ?? row.credential, signal);
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
  const choice = chooseRenderer({
    files: fetched.files,
    refused: fetched.problems,
    trees: fetched.trees,
    render,
  });
  if (choice.kind === 'refused') return { kind: 'problems', problems: choice.problems };
  if (choice.kind === 'plain')
    return await inTurns(renderManifests(choice.files, render.patches), context, signal);
  const remote = scanKustomize(fetched.files, choice.path);
  if (remote.length > 0) return { kind: 'problems', problems: remote };
  const built = await buildKustomize(context, { files: fetched.files, path: choice.path }, signal);
  if ('code' in built) return { kind: 'problems', problems: [built] };
  return await inTurns(renderManifests([built], render.patches), context, signal);
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

function ioTrouble(error: unknown, phase: AssignmentPhase): Trouble {
  return {
    code: phase === 'rendering' ? 'RenderFailed' : 'FetchFailed',
    text: maskText(describeError(error), ''),
    isFinal: error instanceof FlotillaError && error.retry === 'never',
  };
}
