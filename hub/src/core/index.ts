/**
 * L3: everything that the hub decides, without clock, chance or I/O.
 * Reading order follows a commit: fleet-spec, placement, release, budget, rollout, assign, session, presence, lease, epoch, view, explain;
 * preview says what a state of Git would do before it is in force; enrol stands apart: who may take part at all.
 * schedule and window say when a change may begin.
 */
export * from './assign/index.ts';
export * from './budget/index.ts';
export * from './enrol/index.ts';
export * from './epoch/index.ts';
export * from './fleet-spec/index.ts';
export * from './lease/index.ts';
export * from './placement/index.ts';
export * from './presence/index.ts';
export * from './preview/index.ts';
export * from './release/index.ts';
export * from './rollout/index.ts';
export * from './session/index.ts';
export * from './view/index.ts';
export * from './window/index.ts';
