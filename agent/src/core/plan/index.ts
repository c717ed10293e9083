/**
 * From what is wanted, owned and seen to the next safe steps, as data. The loop performs them, reads again, asks again.
 * Reading order: step, goal, attempts, plan, stages, hook, order, decide, waits,
 * waits-for-order, apply-steps, fate, prune, unseen-members, plan-next, failure,
 * mask.
 */
export type { Attempts, Failure } from './attempts.ts';
export { attemptKey, deleteAttempt, ensureAttempt, noAttempts } from './attempts.ts';
export type { Attempted, Refusal } from './failure.ts';
export { classifyRefusal } from './failure.ts';
export { finalizerWaitMs } from './fate.ts';
export type {
  Claim,
  DesiredObject,
  Goal,
  LiveSight,
  LiveView,
  PlanInput,
  PlanPolicy,
  ScopeSight,
  UnplacedObject,
  UnreadKind,
} from './goal.ts';
export { hookEvents, hookPhase, stageOfObject } from './hook.ts';
export { maskText } from './mask.ts';
export {
  dependsOnAnnotation,
  findCircle,
  keysOf,
  type NamedObject,
  type OrderWish,
  parseOrder,
  waveAnnotation,
} from './order.ts';
export type { Blocked, Drifted, HeldList, Plan } from './plan.ts';
export { planNext } from './plan-next.ts';
export { isProtected, stageOf, stages } from './stages.ts';
export type { ApplyReason, DeleteCause, Step, StepKind, StepMap, StepOf } from './step.ts';
