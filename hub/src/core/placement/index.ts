/**
 * Which placement goes to which cluster, by which strategy, and why not.
 * Reading order: resolved, label-terms, cel-reader, cel-terms, match, mismatches, resolve-selector, keep-match, fact-rules, built-in-strategies, find-strategy, take-overs, why-not, resolve.
 */
export * from './built-in-strategies.ts';
export { CelReader } from './cel-reader.ts';
export { factRulesIn } from './fact-rules.ts';
export { type StrategyBook, strategyBook } from './find-strategy.ts';
export * from './keep-match.ts';
export { labelsMatch } from './label-terms.ts';
export * from './match.ts';
export { mismatches } from './mismatches.ts';
export * from './resolve.ts';
export { resolveSelector } from './resolve-selector.ts';
export type * from './resolved.ts';
export { heirsOf } from './take-overs.ts';
export { excludedBy } from './why-not.ts';
