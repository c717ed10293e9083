/**
 * What a placement is at a commit, and what each cluster gets of it.
 * Reading order: snapshot, source-path, read-kustomization, closure, values-files, release, overrides, variables, variant.
 */
export * from './closure.ts';
export { kustomizationNames } from './read-kustomization.ts';
export { type ReleaseStep, releaseOf } from './release.ts';
export * from './snapshot.ts';
export * from './variant.ts';
