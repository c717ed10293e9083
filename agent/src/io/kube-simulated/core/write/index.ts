/**
 * Writes as an API server does them. Reading order: options, create, apply, update, replace (what they share once the
 * new object is known), parts.
 */
export { applyObject } from './apply.ts';
export { createObject } from './create.ts';
export type { WriteOptions, Written } from './options.ts';
export { isFinished } from './replace.ts';
export { patchObject, updateObject } from './update.ts';
