/**
 * Which placement goes to which cluster, by which strategy, and why not.
 * Reading order: resolved, match, resolve-selector, built-in-strategies, find-strategy, take-overs, resolve.
 */
export * from './built-in-strategies.ts';
export { type StrategyBook, strategyBook } from './find-strategy.ts';
export * from './match.ts';
export * from './resolve.ts';
export { resolveSelector } from './resolve-selector.ts';
export type * from './resolved.ts';
export { heirsOf } from './take-overs.ts';
