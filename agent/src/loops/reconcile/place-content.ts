import { type ContentRecord, formatOwner, placeObjects } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import {
  type AssignmentMemory,
  displaceContent,
  type HeldContent,
  hasRowContent,
} from './assignment-memory.ts';
import { isScaleTarget } from './execute-apply.ts';
import { renderTrouble } from './render-trouble.ts';
import { currentKey, readRecord } from './stored-content.ts';

/** A content in its places by what the cluster serves now. */
export function placedContent(
  context: EngineContext,
  memory: AssignmentMemory,
  record: ContentRecord,
): HeldContent {
  const { options, objects } = record;
  const placing = placeObjects(objects, {
    kinds: context.discovery.kinds,
    placement: memory.placement,
    setId: context.parents.setIdOf(memory.placement),
    owner: formatOwner(context.config.owner),
    namespace: options.namespace,
    agentNamespace: context.config.namespace,
    policy: context.config.policy,
    ignore: options.ignore,
    autoscaledElsewhere: memory.autoscaled,
  });
  const byKey = new Map(placing.placed.map((object) => [object.key, object]));
  const isDone = placing.unplaced.length === 0;
  return {
    record: { ...record, objects: isDone ? undefined : objects },
    placing,
    byKey,
    placedAtGeneration: context.discovery.generation,
  };
}

/** From now on this content is kept up. */
export function holdContent(context: EngineContext, memory: AssignmentMemory, content: HeldContent): void {
  memory.content = content;
  const rivals = context.wanted.set(memory.placement, [...content.byKey.keys()]);
  // What it does not want any more may be theirs now, and no event may say so.
  for (const other of rivals) context.enqueue(other);
}

/**
 * Places the held content anew when that is due: kinds were missing and discovery has news, or an autoscaler came or
 * went. Mistakes that show only now become the row's trouble; nothing of such a content is applied.
 */
export async function placeContent(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const { content } = memory;
  if (content === undefined) return;
  if (isPlacingDue(context, content)) {
    const record = await wholeRecord(context, memory, { record: content.record, signal });
    if (record !== undefined) holdContent(context, memory, placedContent(context, memory, record));
  }
  const problems = memory.content?.placing.problems ?? [];
  if (problems.length > 0 && hasRowContent(memory)) memory.trouble = renderTrouble(problems);
}

function isPlacingDue(context: EngineContext, content: HeldContent): boolean {
  if (content.placedAtGeneration === -1) return true;
  return content.placing.unplaced.length > 0 && content.placedAtGeneration !== context.discovery.generation;
}

/** The content with its objects, from the store when they are not in memory any more. */
async function wholeRecord(
  context: EngineContext,
  memory: AssignmentMemory,
  { record, signal }: { readonly record: HeldContent['record']; readonly signal: AbortSignal },
): Promise<ContentRecord | undefined> {
  if (record.objects !== undefined) return { ...record, objects: record.objects };
  const stored = await readRecord(context, currentKey(memory), signal);
  return stored?.variantDigest === record.variantDigest ? { ...stored, commit: record.commit } : undefined;
}

/** Workloads whose replicas were left to an autoscaler, as the journal tells after a restart. */
export function recallAutoscaled(memory: AssignmentMemory): void {
  for (const [key, entry] of memory.plans.inventory.entries)
    if (entry.leftToOthers.includes('/spec/replicas')) memory.autoscaled.add(key);
}

/** Asks whether what was autoscaled still is: with the autoscaler gone, Git decides the replicas again. */
export async function refreshAutoscaled(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  for (const key of [...memory.autoscaled]) {
    const object = memory.content?.byKey.get(key);
    if (object === undefined || (await isScaleTarget(object, { engine: context, signal }))) continue;
    memory.autoscaled.delete(key);
    displaceContent(memory);
  }
}
