/**
 * Renderers that are programs of others, run as sandboxed children. Reading order: render-error, run-child, turns,
 * render-folder, kustomize; unpack-chart, remember-renders, helm.
 */
export { openHelm } from './helm.ts';
export { openKustomize } from './kustomize.ts';
export { RenderError } from './render-error.ts';
export type { RendererOptions } from './render-folder.ts';
export { openTurns } from './turns.ts';
export { unpackChart } from './unpack-chart.ts';
