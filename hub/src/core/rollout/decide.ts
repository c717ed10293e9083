import type { ClusterUid } from '@flotilla/shared/base';
import type { BudgetDecision, EvidenceSummary, PlacementDecision, Reasoned } from '@flotilla/shared/model';
import type { DraftDecision, RolloutEvidence } from './evidence.ts';

/** What one part of the machine wants: a decision now, or to wait, with the reasons and when to look again. */
export type Step = { readonly kind: 'decide'; readonly draft: DraftDecision } | Waiting;

/** Nothing to decide now. */
export interface Waiting {
  readonly kind: 'wait';
  readonly notes: readonly Reasoned[];
  readonly wakeAtMs: number | undefined;
  /** Clusters that could start but for one reason of their own. */
  readonly held: HeldClusters;
}

/** Why single clusters do not start: a closed change window, or the fleet's cap. */
export type HeldClusters = ReadonlyMap<ClusterUid, Reasoned>;

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
export function wait(
  notes: readonly Reasoned[] = [],
  wakeAtMs?: number,
  held: HeldClusters = nobody,
): Waiting {
  return { kind: 'wait', notes, wakeAtMs, held };
}

/** The first decision; or all reasons to wait together, with the earliest time to look again. */
export function firstOf(steps: Iterable<() => Step>): Step {
  const notes: Reasoned[] = [];
  const held = new Map<ClusterUid, Reasoned>();
  let wakeAtMs: number | undefined;
  for (const next of steps) {
    const step = next();
    if (step.kind === 'decide') return step;
    notes.push(...step.notes);
    for (const [uid, why] of step.held) held.set(uid, why);
    if (step.wakeAtMs !== undefined) wakeAtMs = Math.min(wakeAtMs ?? step.wakeAtMs, step.wakeAtMs);
  }
  return wait(notes, wakeAtMs, held);
}

const nobody: HeldClusters = new Map();
