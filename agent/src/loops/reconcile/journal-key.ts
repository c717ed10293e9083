import type { AssignmentMemory } from './assignment-memory.ts';

/** The key of an assignment's journal in the state store. */
export function journalKey(memory: AssignmentMemory): string {
  return `inventory/${memory.placement}`;
}
