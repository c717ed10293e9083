/**
 * Fields of typed values, as structured-merge-diff treats them. Reading order: field-set, elements, shape, extract,
 * compare, merge, remove, check.
 */
export { checkAgainstSchema, joinProblems, unknownFields } from './check.ts';
export type { Comparison } from './compare.ts';
export { compareValues } from './compare.ts';
export { fieldElement } from './elements.ts';
export { fieldsOf, withNamedFields } from './extract.ts';
export * from './field-set.ts';
export { mergeValues } from './merge.ts';
export { removeFields } from './remove.ts';
