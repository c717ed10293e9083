import { type ContentRecord, parseContent } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';

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

/** Forgets all stored content of a placement. */
export async function forgetContent(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  await context.ports.store.remove(currentKey(memory), signal);
  await context.ports.store.remove(previousKey(memory), signal);
}
