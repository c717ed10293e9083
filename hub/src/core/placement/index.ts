/** Which placement goes to which cluster, and why not. Reading order: resolved, resolve. */
export * from './resolve.ts';
export type * from './resolved.ts';
