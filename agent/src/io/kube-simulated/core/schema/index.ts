/**
 * Shapes of kinds: the generated table of the built-in ones, and what a CustomResourceDefinition says. Reading order:
 * types, parse-types, builtin-types (generated), crd-types, crd-validate.
 */
export { builtinTypes } from './builtin-types.ts';
export { defaultFromSchema, servedVersions, typeFromSchema } from './crd-types.ts';
export { validateAgainstSchema } from './crd-validate.ts';
export { parseTypes } from './parse-types.ts';
export * from './types.ts';
