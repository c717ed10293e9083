import { compileRules } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';

/**
 * Makes the health rules of the row ready, and has their objects kept whole. The language is loaded with the first rule:
 * an agent that has none does not pay for it.
 */
export async function loadRules(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const { row } = memory;
  const rules = row.kind === 'assignment' ? row.variant.health.checks : [];
  if (memory.ruleSource === rules || memory.ruleSource.length + rules.length === 0) return;
  const compiled = rules.length === 0 ? [] : compileRules(rules, (await loadCel()).parseCel);
  signal.throwIfAborted();
  memory.rules = compiled;
  memory.ruleSource = rules;
  context.watches.keepWhole(
    memory.placement,
    rules.map((rule) => rule.target),
  );
}

/** The expression language, read from disk at the first call. */
export function loadCel(): Promise<typeof import('@flotilla/shared/base/cel')> {
  return import('@flotilla/shared/base/cel');
}
