/** Renderers that are programs of others, run as sandboxed children. Reading order: render-error, run-child, kustomize. */
export { type KustomizeOptions, openKustomize } from './kustomize.ts';
export { RenderError } from './render-error.ts';
