import { type GitId, sha256Hex } from '@flotilla/shared/base';
import type { CommitInfo } from '@flotilla/shared/model';
import type { LookedAt, SeenFile } from './judge-files.ts';
import { formatLocated } from './located-error.ts';
import type { ParsedFile, PlacementSpec } from './model.ts';
import { parseControlFile } from './parse.ts';

/** Header of every document. */
export const head = 'apiVersion: flotilla.dev/v1alpha1\n';

/** A placement as a person writes it; `more` goes below spec, indented by two. */
export function placementText(name: string, more = ''): string {
  return `${head}kind: Placement\nmetadata: {name: ${name}}\nspec:\n  source: {path: apps/${name}}\n  clusters: {matchLabels: {env: prod}}\n${more}`;
}

/** What is wrong with a text, as people read it. */
export function complaints(text: string): readonly string[] {
  return parse(text).errors.map(formatLocated);
}

/** A text as one file of a repository. */
export function parse(text: string, path = 'a.yaml'): ParsedFile {
  return parseControlFile({ path, text }, false);
}

/** The placement in a text without mistakes. */
export function placementIn(text: string): PlacementSpec {
  const parsed = parse(text);
  const found = parsed.documents.find((one) => one.kind === 'Placement');
  if (found?.kind !== 'Placement') throw new Error(complaints(text).join('\n') || 'no placement');
  return found.spec;
}

/** Files by path as a commit shows them. */
export function seen(files: { readonly [path: string]: string }): ReadonlyMap<string, SeenFile> {
  return new Map(
    Object.entries(files).map(([path, text]) => [path, { blob: blobOf(text), parsed: parse(text, path) }]),
  );
}

/** Id of a text; equal texts have equal ids. */
export function blobOf(text: string): GitId {
  return sha256Hex(text).slice(0, 40) as GitId;
}

/** A commit that is looked at, accepted by nobody. */
export function lookedAt(number = 1): LookedAt {
  return { commit: commit(number).id, isAccepted: false };
}

/** A commit by number. */
export function commit(number: number): CommitInfo {
  const id = sha256Hex(`commit ${number}`).slice(0, 40) as GitId;
  return { id, author: 'ada', subject: `change ${number}`, committedAtS: number };
}
