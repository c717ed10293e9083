/**
 * What the reconcile loop remembers and obeys. Reading order: plan-policy, claims, hold-deletes, fold-outcomes.
 */
export { claimOn } from './claims.ts';
export type { PlanMemory, StepOutcome } from './fold-outcomes.ts';
export { foldOutcomes, markFinished } from './fold-outcomes.ts';
export { holdDeletes, type Neighbour } from './hold-deletes.ts';
export { policyFor } from './plan-policy.ts';
