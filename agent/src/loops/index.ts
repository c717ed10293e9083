/**
 * L6: everything that follows and acts in an agent. Reading order: held-rows (what is assigned), session-link to session
 * (the hub), renew (the identity); then engine/ (the reconciler), cluster/ (what the cluster says), reconcile/ (one look
 * at one assignment) and report/ (what goes out).
 */
export { type Engine, type EngineConfig, startEngine } from './engine/index.ts';
export type { HeldRows } from './held-rows.ts';
export { openHeldRows } from './held-rows-store.ts';
export { renderFiles } from './reconcile/index.ts';
export { type IdentityKeeper, type Renewal, startRenewal } from './renew.ts';
export { type Session, startSession } from './session.ts';
