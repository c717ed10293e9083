import type { ClusterUid, Digest, EventId, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import { zeroDigest } from '@flotilla/shared/model';
import { emptyBudget } from '../budget/index.ts';
import {
  type DesiredPlacement,
  emptyRolloutState,
  type PlacementRow,
  type RolloutEvidence,
  type RolloutState,
} from '../rollout/index.ts';

/** Where a placement stands when a plan is made: its log, and what is known besides. */
export interface PlanStanding {
  readonly state: RolloutState;
  /** As it is; what is wanted is replaced by what the new state of Git asks for. */
  readonly evidence: Omit<RolloutEvidence, 'desired'>;
}

/**
 * A placement of which nothing is known but what Git asks for: every cluster runs that, is well and is connected. So a plan
 * without a hub shows what a change of Git does to a fleet at rest.
 */
export function standingAtRest(
  placement: PlacementName,
  desired: DesiredPlacement | undefined,
  clusters: ReadonlyMap<ClusterUid, Cluster>,
): PlanStanding {
  return { state: stateAtRest(placement, desired), evidence: evidenceAtRest(clusters) };
}

function stateAtRest(placement: PlacementName, desired: DesiredPlacement | undefined): RolloutState {
  const empty = emptyRolloutState(placement);
  if (desired?.kind !== 'release') return empty;
  const rows = new Map<ClusterUid, PlacementRow>();
  for (const [uid, digest] of desired.targets) {
    const row = rowOf(placement, desired, digest);
    if (row !== undefined) rows.set(uid, row);
  }
  return { ...empty, lastSeq: 1, nextNumber: 2, rows, stable: desired.release, onUnmatch: desired.onUnmatch };
}

function rowOf(
  placement: PlacementName,
  desired: Extract<DesiredPlacement, { readonly kind: 'release' }>,
  digest: Digest,
): PlacementRow | undefined {
  const variant = desired.variants.get(digest);
  if (variant === undefined) return undefined;
  return {
    version: { epoch: 1, seq: 1 },
    eventHash: zeroDigest,
    // Ids of what never happened; they lead nowhere.
    eventId: '' as EventId,
    cause: { kind: 'commit', commit: desired.commit },
    mode: 'update',
    rollout: `${placement}-1` as RolloutId,
    target: { kind: 'variant', variant, releaseDigest: desired.release.digest },
    issuedAtMs: 0,
  };
}

function evidenceAtRest(clusters: ReadonlyMap<ClusterUid, Cluster>): PlanStanding['evidence'] {
  return {
    clusterOf: (uid) => {
      const cluster = clusters.get(uid);
      return (
        cluster && {
          cluster,
          presence: 'connected',
          presenceSinceMs: 0,
          isFresh: true,
          report: undefined,
          reportVersion: '',
          waitsFor: undefined,
          rejected: undefined,
        }
      );
    },
    removedClusters: new Set(),
    budget: {
      budget: emptyBudget,
      caps: { max: Math.max(1, clusters.size), perClusterMax: Number.MAX_SAFE_INTEGER },
      isOver: () => false,
    },
    closedFor: () => undefined,
    hubHealthySinceMs: undefined,
    self: { kind: 'hub', process: 'plan' },
    acceptedCommits: new Map(),
  };
}
