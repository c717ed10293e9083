import type { ClusterUid } from '@flotilla/shared/base';
import type { Rollout, RolloutCluster, RolloutClusterPhase, RolloutCounts } from './state.ts';

/** The rollout with these of its clusters in another phase; clusters that it does not have are left out. */
export function setPhases(
  rollout: Rollout,
  uids: Iterable<ClusterUid>,
  phase: RolloutClusterPhase,
  sinceMs: number,
): Rollout {
  const clusters = new Map(rollout.clusters);
  // Those that were one object stay one: a fleet has a million of them.
  const made = new Map<RolloutCluster, RolloutCluster>();
  for (const uid of uids) {
    const before = clusters.get(uid);
    if (before === undefined) continue;
    const { target, wave } = before;
    const after = made.get(before) ?? { target, wave, phase, sinceMs };
    made.set(before, after);
    clusters.set(uid, after);
  }
  return made.size > 0 ? { ...rollout, clusters } : rollout;
}

/** Clusters of a rollout by phase. */
export function countPhases(rollout: Rollout): RolloutCounts {
  const counts = { waiting: 0, issued: 0, ready: 0, deferred: 0, failed: 0 };
  for (const { phase } of rollout.clusters.values()) counts[phase.kind] += 1;
  return { targets: rollout.clusters.size, ...counts };
}
