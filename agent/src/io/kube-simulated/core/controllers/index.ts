/**
 * Simulated controllers and nodes: each looks at one object and does the next thing. Reading order: context, controllers
 * (the queue), dispatch (who looks at what), pods, node, replica-set, deployment (-sets, -status, rollout-plan),
 * stateful-set, daemon-set, job, then the small ones.
 */
export type { ControllerContext, ControllerTiming } from './context.ts';
export { kindNamed } from './context.ts';
export type { Controllers } from './controllers.ts';
export { createControllers } from './controllers.ts';
