/**
 * The reconciler as one thing that is started and disposed of.
 * Reading order: engine (its face), engine-context (what its parts share), start-engine, cluster-setup, engine-metrics.
 */
export type { Engine, EngineOptions } from './engine.ts';
export type { EngineConfig, EnginePorts, SessionHooks } from './engine-context.ts';
export { startEngine } from './start-engine.ts';
