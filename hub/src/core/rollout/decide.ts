import type { BudgetDecision, EvidenceSummary, PlacementDecision, Reasoned } from '@flotilla/shared/model';
import type { DraftDecision, RolloutEvidence } from './evidence.ts';

/** What one part of the machine wants: a decision now, or to wait, with the reasons and when to look again. */
export type Step = { readonly kind: 'decide'; readonly draft: DraftDecision } | Waiting;

/** Nothing to decide now. */
export interface Waiting {
  readonly kind: 'wait';
  readonly notes: readonly Reasoned[];
  readonly wakeAtMs: number | undefined;
}

/** A decision of the hub. */
export function decide(
  evidence: RolloutEvidence,
  payload: PlacementDecision,
  summary?: EvidenceSummary,
): Step {
  return { kind: 'decide', draft: { actor: evidence.self, evidence: summary, payload } };
}

/** A decision of the hub that starts clusters, with the tokens that they take of the fleet's budget. */
export function start(
  evidence: RolloutEvidence,
  payload: PlacementDecision,
  tokens: BudgetDecision | undefined,
): Step {
  return { kind: 'decide', draft: { actor: evidence.self, evidence: undefined, payload, tokens } };
}

/** To wait for these reasons. */
export function wait(notes: readonly Reasoned[] = [], wakeAtMs?: number): Waiting {
  return { kind: 'wait', notes, wakeAtMs };
}

/** The first decision; or all reasons to wait together, with the earliest time to look again. */
export function firstOf(steps: Iterable<() => Step>): Step {
  const notes: Reasoned[] = [];
  let wakeAtMs: number | undefined;
  for (const next of steps) {
    const step = next();
    if (step.kind === 'decide') return step;
    notes.push(...step.notes);
    if (step.wakeAtMs !== undefined) wakeAtMs = Math.min(wakeAtMs ?? step.wakeAtMs, step.wakeAtMs);
  }
  return wait(notes, wakeAtMs);
}
