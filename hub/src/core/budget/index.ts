/**
 * The fleet's budget of change: how many clusters may change at once, over all placements (rollout design, R17).
 * Reading order: fleet-budget (what the log says), take-tokens (who may start).
 */
export {
  type ChangingCaps,
  changingCount,
  emptyBudget,
  type FleetBudget,
  foldBudget,
  type HeldTokens,
} from './fleet-budget.ts';
export { type BudgetView, type Taken, type Token, takeTokens } from './take-tokens.ts';
