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
import { isElsewhere, takeOverWait } from '../view/index.ts';
import { type PlanSide, wantedIn } from './plan-side.ts';

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
  { before, after }: { readonly before: PlanSide; readonly after: PlanSide },
  clusters: ReadonlyMap<ClusterUid, Cluster>,
): PlanStanding {
  const evidence = evidenceAtRest(clusters);
  const desired = before.placements.get(placement)?.desired;
  const heirs = heirsIn(after, placement);
  const clusterOf: typeof evidence.clusterOf = (uid) => {
    const one = evidence.clusterOf(uid);
    const heir = heirs.find(
      (name) => !hasTakenOver(before, { heir: name, from: placement }, uid) && isMeantFor(after, name, uid),
    );
    if (one === undefined || heir === undefined) return one;
    return { ...one, handOver: takeOverWait(one.cluster, heir, 'it has not come there yet') };
  };
  return { state: stateAtRest(placement, desired), evidence: { ...evidence, clusterOf } };
}

/** Who is to take over a placement's objects by a state of Git. */
export function heirsIn(side: PlanSide, placement: PlacementName): readonly PlacementName[] {
  const wanted = wantedIn(side, placement);
  return wanted.kind === 'unresolved' ? [] : (wanted.heirs ?? []);
}

/** In a fleet at rest an heir has what it was told to take. */
function hasTakenOver(
  { placements }: PlanSide,
  { from, heir }: { readonly from: PlacementName; readonly heir: PlacementName },
  uid: ClusterUid,
): boolean {
  const was = placements.get(heir)?.desired;
  if (was?.kind !== 'release') return false;
  const digest = was.targets.get(uid);
  const variant = digest === undefined ? undefined : was.variants.get(digest);
  return variant?.apply.takeOverFrom === from;
}

function isMeantFor({ placements }: PlanSide, heir: PlacementName, uid: ClusterUid): boolean {
  const desired = placements.get(heir)?.desired;
  return desired !== undefined && !isElsewhere(desired, uid, 0);
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
    hubHealthySinceMs: 0,
    self: { kind: 'hub', process: 'plan' },
    acceptedCommits: new Map(),
  };
}
