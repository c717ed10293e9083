/**
 * What the reconcile loop remembers and obeys. Reading order: plan-policy, fold-outcomes.
 */
export type { PlanMemory, StepOutcome } from './fold-outcomes.ts';
export { foldOutcomes, markFinished } from './fold-outcomes.ts';
export { holdDeletes, type Neighbour, policyFor } from './plan-policy.ts';
