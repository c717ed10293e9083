/**
 * L6: everything that follows and acts in an agent. Reading order: held-rows (what is assigned), session-link to session
 * (the hub), engine (what ties it together), then along an assignment: load-content, place-content, plan-rounds, execute,
 * observe-health, report, status-objects; beside it watch-hub and kind-feed (what the cluster says) and parents.
 */
export { type Engine, startEngine } from './engine.ts';
export type { EngineConfig } from './engine-context.ts';
export type { HeldRows } from './held-rows.ts';
export { openHeldRows } from './held-rows-store.ts';
export { type IdentityKeeper, startRenewal } from './renew.ts';
export { type Session, startSession } from './session.ts';
