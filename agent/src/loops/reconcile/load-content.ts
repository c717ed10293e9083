import { describeWithAdvice, FlotillaError } from '@flotilla/shared/base';
import type { AssignmentPhase, AssignmentRow } from '@flotilla/shared/model';
import { type ContentRecord, maskText, type RenderProblem, type Trouble } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import { hasRowContent } from './assignment-memory.ts';
import { holdContent, placedContent } from './place-content.ts';
import { renderRow } from './render-row.ts';
import { renderTrouble } from './render-trouble.ts';
import { currentKey, keepContent, previousKey, readRecord } from './stored-content.ts';
import { beginTrialOf } from './trial.ts';

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
    memory.isContentKnown = true;
  } catch (error) {
    signal.throwIfAborted();
    memory.trouble = ioTrouble(error, memory.phase);
    // What a server has that is away, or refuses us, may be anything: others must not delete what this row may want.
    memory.isContentKnown = false;
  }
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
  const problems = content.placing.problems ?? [];
  if (problems.length > 0) return problems;
  await beginTrialOf(context, memory, options);
  await keepContent(context, memory, { record, signal: options.signal });
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
  if (record === undefined) return;
  memory.hasPrevious = true;
  holdContent(context, memory, placedContent(context, memory, record));
}

/** The variant before may be what is wanted again. */
async function readPrevious(
  context: EngineContext,
  memory: AssignmentMemory,
  options: { readonly row: AssignmentRow; readonly signal: AbortSignal },
): Promise<ContentRecord | undefined> {
  if (!memory.hasPrevious) return undefined;
  const record = await readRecord(context, previousKey(memory), options.signal);
  return record?.variantDigest === options.row.variant.digest ? record : undefined;
}

function ioTrouble(error: unknown, phase: AssignmentPhase): Trouble {
  return {
    code: phase === 'rendering' ? 'RenderFailed' : 'FetchFailed',
    text: maskText(tell(error), ''),
    isFinal: error instanceof FlotillaError && error.retry === 'never',
  };
}

/** The code that the manual explains, what happened to what, and what to do. */
function tell(error: unknown): string {
  const code = error instanceof FlotillaError ? `${error.code}: ` : '';
  return `${code}${describeWithAdvice(error)}`;
}
