/**
 * Which placement goes to which cluster, by which strategy, and why not.
 * Reading order: resolved, match, resolve-selector, built-in-strategies, find-strategy, resolve.
 */
export * from './built-in-strategies.ts';
export * from './match.ts';
export * from './resolve.ts';
export type * from './resolved.ts';
