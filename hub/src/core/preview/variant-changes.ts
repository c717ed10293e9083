import { type ClusterUid, type Digest, type Json, limits, stableJson } from '@flotilla/shared/base';
import type { PlannedFile, Variant, VariantChange } from '@flotilla/shared/model';
import type { SourceTree } from '../release/index.ts';
import { pathsBelow } from '../release/index.ts';
import type { DesiredPlacement } from '../rollout/index.ts';
import { clusterNames, type NameOf } from './cluster-names.ts';
import type { PlanSide } from './plan-side.ts';

/** Clusters by what happens to them. */
export interface TargetCounts {
  readonly added: readonly ClusterUid[];
  readonly removed: readonly ClusterUid[];
  readonly changed: readonly ClusterUid[];
  readonly unchanged: number;
}

/** Compares what two states ask for; where the new one cannot be resolved, everything stays. */
export function countTargets(was: DesiredPlacement | undefined, wanted: DesiredPlacement): TargetCounts {
  const before = targetsOf(was);
  if (wanted.kind === 'unresolved') return { added: [], removed: [], changed: [], unchanged: before.size };
  const after = targetsOf(wanted);
  // Who cannot get its variant keeps its last row.
  const kept = wanted.kind === 'release' ? wanted.blocked : new Map<ClusterUid, unknown>();
  const both = [...after].filter(([uid]) => before.has(uid));
  const changed = both.filter(([uid, digest]) => before.get(uid) !== digest).map(([uid]) => uid);
  return {
    added: [...after.keys()].filter((uid) => !before.has(uid)),
    removed: [...before.keys()].filter((uid) => !after.has(uid) && !kept.has(uid)),
    changed,
    unchanged: both.length - changed.length,
  };
}

function targetsOf(desired: DesiredPlacement | undefined): ReadonlyMap<ClusterUid, Digest> {
  return desired?.kind === 'release' ? desired.targets : new Map();
}

/** The steps from variant to variant, those of most clusters first, and equal ones as one. */
export function variantChanges(
  was: DesiredPlacement | undefined,
  wanted: DesiredPlacement,
  input: { readonly before: PlanSide; readonly after: PlanSide; readonly nameOf: NameOf },
): readonly VariantChange[] {
  const { added, changed, removed } = countTargets(was, wanted);
  const steps = Map.groupBy([...added, ...changed, ...removed], (uid) => {
    return `${targetsOf(was).get(uid) ?? ''} ${targetsOf(wanted).get(uid) ?? ''}`;
  });
  return [...steps]
    .sort(([one, left], [other, right]) => right.length - left.length || (one < other ? -1 : 1))
    .map(([, uids]) => changeOf(uids, { was, wanted, ...input }));
}

function changeOf(
  uids: readonly ClusterUid[],
  about: {
    readonly was: DesiredPlacement | undefined;
    readonly wanted: DesiredPlacement;
    readonly before: PlanSide;
    readonly after: PlanSide;
    readonly nameOf: NameOf;
  },
): VariantChange {
  const before = variantOf(about.was, uids[0]);
  const after = variantOf(about.wanted, uids[0]);
  const files = before && after ? changedFiles(before, after, about) : [];
  return {
    before: before?.digest,
    after: after?.digest,
    clusters: clusterNames(uids, about.nameOf),
    parts: before && after ? differingParts(before, after) : [],
    files: files.slice(0, limits.planFilesMax),
    moreFiles: Math.max(0, files.length - limits.planFilesMax),
  };
}

function variantOf(desired: DesiredPlacement | undefined, uid: ClusterUid | undefined): Variant | undefined {
  if (desired?.kind !== 'release' || uid === undefined) return undefined;
  const digest = desired.targets.get(uid);
  return digest && desired.variants.get(digest);
}

/** Parts of a variant that its digest covers, by name. */
function partsOf({ apply, content, health, prune, render }: Variant): { readonly [part: string]: unknown } {
  return {
    content: content.trees,
    'content.repository': [content.repositoryUrl, content.credential, content.caBundlePem],
    'content.signers': content.requiredSigners,
    'render.renderer': render.renderer,
    'render.helm': render.helm,
    'render.namespace': render.namespace,
    'render.patches': render.patches,
    'render.variables': render.variables,
    apply,
    'health.checks': health.checks,
    prune,
  };
}

function differingParts(before: Variant, after: Variant): readonly string[] {
  const [was, is] = [partsOf(before), partsOf(after)];
  // Parts of variants are plain data of the model; every member is JSON.
  const text = (value: unknown) => stableJson((value ?? null) as Json);
  return Object.keys(is).filter((part) => text(was[part]) !== text(is[part]));
}

/** Files of the control repository below the rendered paths that differ; empty where a side's tree was not looked at. */
function changedFiles(
  before: Variant,
  after: Variant,
  sides: { readonly before: PlanSide; readonly after: PlanSide },
): readonly PlannedFile[] {
  const { tree: old } = sides.before;
  const { tree: now } = sides.after;
  if (old === undefined || now === undefined) return [];
  const was = filesOf(before, old);
  const is = filesOf(after, now);
  return [...new Set([...was.keys(), ...is.keys()])]
    .sort()
    .filter((path) => was.get(path) !== is.get(path))
    .map((path) => ({ path, before: was.get(path), after: is.get(path) }));
}

function filesOf({ content }: Variant, tree: SourceTree): ReadonlyMap<string, PlannedFile['before']> {
  const files = new Map<string, PlannedFile['before']>();
  for (const { path: folder, treeId } of content.trees) {
    // A tree of another repository has no such id here.
    const isHere = folder === '' ? tree.treeId === treeId : tree.entries.get(folder)?.id === treeId;
    if (!isHere) continue;
    for (const path of pathsBelow(tree, folder)) {
      const entry = tree.entries.get(path);
      if (entry?.kind === 'file') files.set(path, entry.id);
    }
  }
  return files;
}
