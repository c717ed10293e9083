/**
 * From fetched files to objects in their places, with every mistake located.
 * Reading order: source-object, choose-files, yaml, read-documents, read-objects, patch (json-pointer, target,
 * apply-patches), render, content-record; then kinds, place-objects, payload; remote-texts, scan-plugin,
 * scan-kustomize; helm.
 */
export type { RefusedEntry, RenderChoice, RenderInput } from './choose-files.ts';
export { chooseRenderer } from './choose-files.ts';
export type { ContentOptions, ContentRecord } from './content-record.ts';
export { encodeContent, parseContent } from './content-record.ts';
export type { ChanceCall, Chart, HelmPlan, HelmRequest } from './helm/index.ts';
export {
  archivesOf,
  compareRenders,
  describeHelmFailure,
  judgeHooks,
  prepareHelm,
  readHelmOutput,
  readsClock,
} from './helm/index.ts';
export { change, parsePointer, valueAt, withoutPointer } from './json-pointer.ts';
export type { KindTable, ServedKind } from './kinds.ts';
export { makeKindTable } from './kinds.ts';
export { scaleTarget } from './payload.ts';
export type { PlacedObject, PlaceOptions, Placing } from './place-objects.ts';
export { placeObjects } from './place-objects.ts';
export type { ManifestFile } from './read-documents.ts';
export type { RenderResult } from './render.ts';
export { renderManifests } from './render.ts';
export { scanKustomize } from './scan-kustomize.ts';
export type { Origin, RenderProblem, SourceObject } from './source-object.ts';
export { formatProblem, problem } from './source-object.ts';
export { meansKind } from './target.ts';
