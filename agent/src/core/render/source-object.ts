import type { KubeObject } from '@flotilla/shared/model';

/** Where a rendered object comes from, for messages. */
export interface Origin {
  /** Relative to the repository's root; of a kustomization, its folder. */
  readonly path: string;
  /** Counts from 1 within the file, or within the renderer's output. */
  readonly document: number;
}

/** One object as the files say it, before it is placed into a cluster. */
export interface SourceObject {
  readonly object: KubeObject;
  readonly origin: Origin;
}

/** Something wrong with the files; a render with one applies nothing. */
export interface RenderProblem {
  /** UpperCamelCase. */
  readonly code: string;
  /** A sentence that says what and what to do; without the place. */
  readonly text: string;
  readonly origin: Origin | undefined;
  /** Line of the file, from 1, where it is known. */
  readonly line: number | undefined;
}

/** Makes a problem. `at` is the place; a line only where a parser gave one. */
export function problem(
  code: string,
  text: string,
  at?: { readonly origin: Origin; readonly line?: number | undefined },
): RenderProblem {
  return { code, text, origin: at?.origin, line: at?.line };
}

/** `apps/web.yaml:2` (file and document), with `line 14` where it is known. */
export function formatProblem(one: RenderProblem): string {
  if (one.origin === undefined) return one.text;
  const line = one.line === undefined ? '' : `, line ${one.line}`;
  return `${formatOrigin(one.origin)}${line}: ${one.text}`;
}

/** `apps/web.yaml:2`: file and document. */
export function formatOrigin(origin: Origin): string {
  return `${origin.path === '' ? '.' : origin.path}:${origin.document}`;
}
