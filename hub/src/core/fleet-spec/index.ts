/**
 * The files of a control repository: from text to the fleet's rules, and which of them are in force.
 * Reading order: located-error, model, parse, adopt.
 */
export * from './adopt.ts';
export * from './located-error.ts';
export type * from './model.ts';
export * from './parse.ts';
