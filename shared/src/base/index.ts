/**
 * L1, used by everything and using nothing: the words that all layers share.
 * Reading order: assert, result, error, ids, clock, random, backoff, duration, stable-json, hash,
 * edit-distance, plural, limits. Beside it, an entry of its own: semver, cel-tree, cel.
 */
export * from './assert.ts';
export * from './backoff.ts';
export * from './clock.ts';
export * from './duration.ts';
export * from './edit-distance.ts';
export * from './error.ts';
export * from './hash.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './plural.ts';
export * from './random.ts';
export * from './result.ts';
export * from './stable-json.ts';
