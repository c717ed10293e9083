/**
 * Refs: asked from a server, and a person's word for one turned into a commit id.
 * Reading order: ref, list-refs, resolve-ref.
 */
export { type ListRefsRequest, listRefs } from './list-refs.ts';
export type { Ref, RefList, ServerCapabilities } from './ref.ts';
export { type RefProblem, type ResolvedRef, refPrefixes, resolveRef } from './resolve-ref.ts';
