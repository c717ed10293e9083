/**
 * From a document as written to the model, with the mistakes that a schema cannot see.
 * Reading order: reading, to-placement (to-override, to-selector, variables-in, to-json-text), to-strategy, to-check, to-window, to-placement-test, to-others.
 */
export { beginReading, type Reading } from './reading.ts';
export { toCheck } from './to-check.ts';
export * from './to-others.ts';
export { toPlacement } from './to-placement.ts';
export { toPlacementTest } from './to-placement-test.ts';
export * from './to-strategy.ts';
export { toWindow } from './to-window.ts';
