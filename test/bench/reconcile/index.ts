/**
 * The agent as a reconciler, measured beside others. Reading order: application (what is applied), contender (who applies it:
 * by-agent, by-kubectl, by-floor), assigning-side (what the agent needs instead of a hub), namespace-watch (the judge), rounds,
 * extras (drift, readiness), figures, measure.
 */
export { type AssigningSide, startAssigningSide } from './assigning-side.ts';
export { measureReconcile } from './measure.ts';
