/**
 * What each kind does beyond storing: defaults, what the server sets, checks. Reading order: kind, registry,
 * builtin-kinds, then the rules by area; pod-defaults is shared by all that have a pod template.
 */
export { builtinKinds } from './builtin-kinds.ts';
export type { CreateFacts, Kind, KindRules } from './kind.ts';
export type { Registry } from './registry.ts';
export { createRegistry, storageKey } from './registry.ts';
