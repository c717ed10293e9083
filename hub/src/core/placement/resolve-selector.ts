import type { ClusterSelector } from '@flotilla/shared/model';
import {
  type ClusterGroupSpec,
  didYouMean,
  type LocatedError,
  type SelectorSpec,
} from '../fleet-spec/index.ts';

/** A selector with its group looked up, and what is wrong with the group. */
export interface ResolvedSelector {
  readonly selector: ClusterSelector;
  readonly errors: readonly LocatedError[];
}

/** Replaces the group of a selector by the group's own selector. An unknown group matches nothing and is an error. */
export function resolveSelector(
  spec: SelectorSpec,
  groups: ReadonlyMap<string, ClusterGroupSpec>,
): ResolvedSelector {
  const selector: ClusterSelector = {
    matchLabels: spec.matchLabels,
    matchExpressions: spec.matchExpressions,
    names: spec.names,
    groups: [],
    exclude: spec.exclude,
    // Left out when there is none: releases of before have no such member, and must keep their digests.
    ...(spec.cel !== undefined && { cel: spec.cel }),
  };
  if (spec.group === undefined) return { selector, errors: [] };
  const { name, at } = spec.group;
  const group = groups.get(name);
  if (group === undefined) {
    const text = `there is no ClusterGroup ${JSON.stringify(name)}${didYouMean(name, groups.keys())}`;
    return { selector, errors: [{ ...at, code: 'UNKNOWN_REFERENCE', text }] };
  }
  const inner = resolveSelector(group.clusters, new Map());
  return {
    selector: { ...selector, groups: [{ name, selector: inner.selector }] },
    errors: group.unsupported,
  };
}
