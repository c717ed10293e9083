/**
 * L3 of the agent: everything that decides, without I/O, clock or chance.
 * Reading order: session (the stream), render (files to objects), inventory (what is owned), policy (what the cluster accepts whatever the hub says), plan (what to do next),
 * health (is it well), checks (what a stage asks besides), confirm (what is taken back when it cuts the agent's link), drift (who changed what), reconcile (what the loop remembers), status (what is said about it);
 * enrol (when the identity is renewed).
 */
export * from './checks/index.ts';
export * from './confirm/index.ts';
export * from './drift/index.ts';
export * from './enrol/index.ts';
export * from './health/index.ts';
export * from './inventory/index.ts';
export * from './plan/index.ts';
export * from './policy/index.ts';
export * from './reconcile/index.ts';
export * from './render/index.ts';
export * from './session/index.ts';
export * from './status/index.ts';
