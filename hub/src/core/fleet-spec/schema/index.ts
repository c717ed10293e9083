/**
 * What each kind of document may hold: the one definition that the parser and the JSON Schemas come from.
 * Reading order: words, selector, placement, strategy, check, placement-test, others; then known-fields and locate-issues, which turn what does
 * not fit into located errors.
 */

export * from './check.ts';
export { formatPath, locateIssues } from './locate-issues.ts';
export * from './others.ts';
export { placementSchema, type RawPlacement } from './placement.ts';
export { placementTestSchema, type RawPlacementTest } from './placement-test.ts';
export type { RawPlacementSelector, RawSelector } from './selector.ts';
export { type RawStage, type RawStrategy, strategySchema } from './strategy.ts';
export { z } from './zod.ts';
