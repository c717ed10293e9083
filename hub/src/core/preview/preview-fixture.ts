import { sourceOf, textsOf } from '../release/release-fixture.ts';
import type { RepositoryState } from './repository-state.ts';

/** A repository that holds these files; `->` before a text makes a symlink. */
export function stateOf(files: { readonly [path: string]: string }): RepositoryState {
  const contents = new Map([...textsOf(files)].map(([blob, text]) => [blob, new TextEncoder().encode(text)]));
  return { tree: sourceOf(files).tree, contents };
}

/** One document by its lines below the apiVersion. */
export function documentText(lines: string): string {
  return `apiVersion: flotilla.dev/v1alpha1\n${lines}\n`;
}
