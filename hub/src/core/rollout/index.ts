/** How a placement moves from one release to another. Reading order: state, evidence, fold, advance. */
export * from './advance.ts';
export type * from './evidence.ts';
export * from './fold.ts';
export * from './state.ts';
