import type { ClusterName, Digest, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { AssignmentItem, Explanation } from '@flotilla/shared/model';
import { fleetCommit, fleetNowMs } from './items.ts';

/** What a hub would say of an assignment of the fake fleet; of none, that a label keeps the placement away. */
export function explanationOf(
  cluster: string,
  placement: string,
  assignment: AssignmentItem | undefined,
): Explanation {
  const variantDigest = 'd'.repeat(64) as Digest;
  const exclusion = {
    code: 'LabelDiffers',
    text: 'label env is "test", not "prod"',
    subject: cluster,
    change: `set label env=prod on ${cluster}, or change matchLabels`,
  };
  const isSelected = assignment !== undefined;
  return {
    cluster: cluster as ClusterName,
    placement: placement as PlacementName,
    definedAt: `placements/${placement}.yaml:1`,
    isSelected,
    exclusions: isSelected ? [] : [exclusion],
    wanted: isSelected ? { commit: fleetCommit, variantDigest } : undefined,
    has: assignment && {
      version: assignment.spec.version,
      rollout: assignment.spec.rollout ?? (`${placement}-6` as RolloutId),
      isRemoval: false,
      issuedAtMs: fleetNowMs - 300_000,
      commit: fleetCommit,
      variantDigest,
    },
    state: assignment?.status.state,
    freshness: assignment?.status.freshness ?? { isFresh: true, asOfMs: fleetNowMs },
    reason: isSelected ? assignment.status.reason : exclusion,
    next: isSelected
      ? `flotilla describe assignment ${cluster}/${placement}`
      : `flotilla describe placement ${placement}`,
  };
}
