/**
 * The pure part of the simulated cluster: no I/O, no waiting; time and chance come from outside. Reading order: values,
 * refusal, schema/ (shapes), fields/ (field sets, merge, compare), managed/ (who owns what), kinds/ (what each kind
 * does), state, store, write/, remove, selectors, controllers/, seed.
 */
export * from './controllers/index.ts';
export * from './kinds/index.ts';
export * from './refusal.ts';
export * from './remove.ts';
export * from './seed.ts';
export * from './selectors.ts';
export * from './state.ts';
export * from './store.ts';
export * from './values.ts';
export * from './write/index.ts';
