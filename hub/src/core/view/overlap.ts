import { type Json, stableJson } from '@flotilla/shared/base';
import type { Reasoned, Variant } from '@flotilla/shared/model';
import type { FleetSnapshot, KnownPlacement } from './snapshot.ts';

/**
 * What can be known without rendering of objects that two placements want: another one has the same source, path and render
 * options on some of the same clusters, and neither takes over from the other. Undefined = none has. Of several, the first by
 * name.
 */
export function overlapOf(
  { clusters, placements }: FleetSnapshot,
  { desired, spec, state }: KnownPlacement,
): Reasoned | undefined {
  if (spec === undefined || desired.kind !== 'release') return undefined;
  const { path } = spec.source;
  const keyOf = keysOfVariants();
  const candidates = [...placements].filter(
    ([name, one]) => one.spec?.source.path === path && name !== state.placement,
  );
  for (const [name, other] of candidates.sort(([left], [right]) => (left < right ? -1 : 1))) {
    if (other.spec === undefined || other.desired.kind !== 'release') continue;
    if (other.spec.apply.takeOverFrom === state.placement || spec.apply.takeOverFrom === name) continue;
    const common: string[] = [];
    for (const [uid, digest] of desired.targets) {
      const theirs = other.desired.variants.get(other.desired.targets.get(uid) ?? digest);
      const ours = desired.variants.get(digest);
      if (!other.desired.targets.has(uid) || ours === undefined || theirs === undefined) continue;
      if (keyOf(ours) !== keyOf(theirs)) continue;
      common.push(clusters.get(uid)?.cluster.name ?? uid);
    }
    const [first] = common.sort();
    if (first === undefined) continue;
    const where = common.length === 1 ? first : `${first} and ${common.length - 1} more clusters`;
    const text = `${name} has the same source, path and render options on ${where}: each object there goes to one of the two, by priority, then to who has it`;
    return { code: 'SameContent', text, subject: name };
  }
  return undefined;
}

/** By where the content comes from and how it is rendered, whatever the commit. A variant is on many clusters: asked once. */
function keysOfVariants(): (variant: Variant) => string {
  const keys = new Map<Variant, string>();
  return (variant) => {
    const key = keys.get(variant) ?? keyOfContent(variant);
    keys.set(variant, key);
    return key;
  };
}

function keyOfContent({ content, render }: Variant): string {
  const paths = content.trees.map((tree) => tree.path);
  // Render options are plain data of the model; every member is JSON.
  return stableJson({ url: content.repositoryUrl, paths, render: render as unknown as Json });
}
