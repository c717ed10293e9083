import type { ClusterUid } from '@flotilla/shared/base';
import type { Cluster, PlanPreview } from '@flotilla/shared/model';
import { sourceOf, textsOf } from '../release/release-fixture.ts';
import { planPreview } from './plan-preview.ts';
import { planSide, runningBy } from './plan-side.ts';
import type { RepositoryState } from './repository-state.ts';
import { standingAtRest } from './standing.ts';

/** A repository that holds these files; `->` before a text makes a symlink. */
export function stateOf(files: { readonly [path: string]: string }): RepositoryState {
  const contents = new Map([...textsOf(files)].map(([blob, text]) => [blob, new TextEncoder().encode(text)]));
  return { tree: sourceOf(files).tree, contents };
}

/** One document by its lines below the apiVersion. */
export function documentText(lines: string): string {
  return `apiVersion: flotilla.dev/v1alpha1\n${lines}\n`;
}

/** Contents by path. */
export interface Files {
  readonly [path: string]: string;
}

/** What a change of files does to a fleet at rest. */
export function planOf(before: Files, after: Files, clusters: readonly Cluster[]): PlanPreview {
  const byUid = new Map<ClusterUid, Cluster>(clusters.map((one) => [one.uid, one]));
  const was = planSide(stateOf(before), { clusters, commit: undefined });
  const is = planSide(stateOf(after), { clusters, commit: undefined, runningOf: runningBy(was) });
  return planPreview({
    before: was,
    after: is,
    standingOf: (name) => standingAtRest(name, { before: was, after: is }, byUid),
    nameOf: (uid) => byUid.get(uid)?.name ?? uid,
    nowMs: 1_000,
    inputs: '',
  });
}

/** A placement that takes apps/shop, with these lines below spec. */
export const shop = (selector: string, more = '', name = 'shop') =>
  documentText(
    `kind: Placement\nmetadata: {name: ${name}}\nspec:\n  source: {path: apps/shop}\n  namespace: ${name}\n  clusters: ${selector}\n${more}`,
  );
