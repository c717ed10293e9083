import { type ClusterUid, type Json, type PlacementName, stableJson } from '@flotilla/shared/base';
import type { PlanConflict } from '@flotilla/shared/model';
import { clusterNames, type NameOf } from './cluster-names.ts';
import type { PlanSide } from './plan-side.ts';

interface Claim {
  readonly path: string;
  readonly placements: ReadonlySet<PlacementName>;
  readonly clusters: ClusterUid[];
}

/**
 * Placements that take the same path, rendered alike, to the same cluster: they would want the same objects there. What two
 * paths have in common only an agent can see, which renders them.
 */
export function conflictsOf({ placements }: PlanSide, nameOf: NameOf): readonly PlanConflict[] {
  const byClaim = new Map<string, PlacementName[]>();
  for (const [name, { desired }] of placements) {
    if (desired.kind !== 'release') continue;
    for (const [uid, digest] of desired.targets) {
      const variant = desired.variants.get(digest);
      if (variant === undefined) continue;
      const { content, render } = variant;
      const key = [uid, content.repositoryUrl, content.trees[0]?.path ?? '', render.namespace ?? null];
      const text = stableJson(key as Json);
      byClaim.set(text, [...(byClaim.get(text) ?? []), name]);
    }
  }
  const found = new Map<string, Claim>();
  for (const [text, names] of byClaim) {
    if (names.length < 2) continue;
    // Made by stableJson() above.
    const [uid, , path] = JSON.parse(text) as [ClusterUid, string, string];
    const key = [path, ...names.sort()].join(' ');
    const claim = found.get(key) ?? { path, placements: new Set(names), clusters: [] };
    claim.clusters.push(uid);
    found.set(key, claim);
  }
  return [...found]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, one]) => ({
      placements: [...one.placements],
      path: one.path,
      clusters: clusterNames(one.clusters, nameOf),
    }));
}
