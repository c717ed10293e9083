import { type ContentRecord, encodeContent, encodeInventory, parseContent } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import { journalKey } from './journal-key.ts';

/** Where the store keeps the content that is kept up. */
export function currentKey(memory: AssignmentMemory): string {
  return `content/${memory.placement}`;
}

/** Where the store keeps the variant before it, for a rollback with Git away. */
export function previousKey(memory: AssignmentMemory): string {
  return `content-before/${memory.placement}`;
}

/** Stored content; what cannot be read is as good as none: it is rendered anew. */
export async function readRecord(
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
export async function keepContent(
  context: EngineContext,
  memory: AssignmentMemory,
  { record, signal }: { readonly record: ContentRecord; readonly signal: AbortSignal },
): Promise<void> {
  const { store } = context.ports;
  const key = currentKey(memory);
  // The stored content stands for the intent to apply it: what was learned about the one before is saved first.
  const { inventory, persisted } = memory.plans;
  if (inventory !== persisted) {
    await store.write(journalKey(memory), encodeInventory(inventory), signal);
    memory.plans = { ...memory.plans, persisted: inventory };
  }
  const isFirst = memory.content === undefined;
  const before = isFirst ? undefined : await store.read(key, signal).catch(() => undefined);
  if (before !== undefined) memory.hasPrevious = true;
  await Promise.all([
    store.write(key, encodeContent(record), signal),
    before === undefined ? undefined : store.write(previousKey(memory), before, signal),
  ]);
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
