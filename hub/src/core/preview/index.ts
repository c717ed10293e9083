/**
 * What a state of a control repository says and would do, before it is in force and without a hub.
 * Reading order: clusters-file, repository-state, sources, warnings, validate, placing, run-tests; plan-side, standing,
 * variant-changes, planned-rollouts, plan-conflicts, plan-preview.
 */
export * from './clusters-file.ts';
export * from './plan-preview.ts';
export * from './plan-side.ts';
export * from './repository-state.ts';
export * from './run-tests.ts';
export * from './sources.ts';
export * from './standing.ts';
export * from './validate.ts';
export type { LocatedWarning } from './warnings.ts';
