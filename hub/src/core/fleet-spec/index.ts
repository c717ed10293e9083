/**
 * The files of a control repository: from text to the fleet's rules, and which of them are in force.
 * Reading order: located-error, model-selector, model, schema/, yaml, selector-cel, convert/, kinds, parse, spec-of, judge-files, adopt.
 */
export * from './adopt.ts';
export { controlSource, policyDefaults } from './convert/to-others.ts';
export { defaultHistory } from './convert/to-placement.ts';
export { canaryWaves, defaultWaves, strategyDefaults } from './convert/to-strategy.ts';
export * from './judge-files.ts';
export { jsonSchemas, specVersion } from './kinds.ts';
export { linkedFiles, type TreeEntry } from './linked-files.ts';
export * from './located-error.ts';
export type * from './model.ts';
export type * from './model-test.ts';
export { didYouMean } from './nearest.ts';
export { controlPaths, parseControlBytes, parseControlFile } from './parse.ts';
export { parseSelectorCel, selectorData } from './selector-cel.ts';
export { specOf } from './spec-of.ts';
