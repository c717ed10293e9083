/**
 * What people see, folded from reports and decisions.
 * Reading order: cluster-view, fold-view, facts-of, items, snapshot, shown-state; then one file for each kind of item.
 */
export { assignmentItem, assignmentItems } from './assignment-item.ts';
export { clusterItem } from './cluster-item.ts';
export type * from './cluster-view.ts';
export * from './control-failure.ts';
export { dependencyOf } from './dependency-of.ts';
export { explain } from './explain.ts';
export { factsOf } from './facts-of.ts';
export { failureGroups } from './failure-groups.ts';
export * from './fold-view.ts';
export { handOverOf, isElsewhere, takeOverWait } from './hand-over.ts';
export * from './items.ts';
export { brokenPlacements, placementItem } from './placement-item.ts';
export { rolloutItem, rolloutItems } from './rollout-item.ts';
export { compareSeverity, countStates, type Shown, shownState } from './shown-state.ts';
export type * from './snapshot.ts';
