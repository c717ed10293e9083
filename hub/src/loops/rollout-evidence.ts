import type { ClusterUid, GitId, PlacementName } from '@flotilla/shared/base';
import type { Actor } from '@flotilla/shared/model';
import {
  type Acceptance,
  type CheckAnswer,
  type ClosedWindow,
  type ClusterEvidence,
  dependencyOf,
  desiredNow,
  evidenceFor,
  handOverOf,
  isChangeOver,
  type RolloutEvidence,
  type Token,
} from '../core/index.ts';
import type { Fleet } from './fleet.ts';
import { controlSource } from './remotes.ts';

/** What evidence is put together from. */
export interface EvidenceDeps {
  readonly fleet: Fleet;
  /** Since when this hub has been unbrokenly healthy, wall clock; undefined = it is not. */
  readonly healthySinceMs: () => number | undefined;
  /** `graceMs` of the core unless said. */
  readonly offlineGraceMs?: number;
  /** This hub process. */
  readonly actor: Actor;
  /** What came of asking webhook checks; absent = this program asks none. */
  readonly answerOf?: ((key: string) => CheckAnswer | undefined) | undefined;
}

/** What this process knows about a placement now, besides the placement's own log. */
export function rolloutEvidence(
  { actor, answerOf, fleet, healthySinceMs, offlineGraceMs }: EvidenceDeps,
  name: PlacementName,
  nowMs: number,
): RolloutEvidence {
  const known = fleet.placementOf(name);
  const dependsOn = known.spec?.dependsOn ?? [];
  const hubHealthy = healthySinceMs();
  const grace = offlineGraceMs === undefined ? {} : { offlineGraceMs };
  const desired = desiredNow(known.desired, fleet.control.adoptedSeq, known.state);
  const { adoptedSeq = 0, heirs = [] } = desired.kind === 'unresolved' ? {} : desired;
  const clusterOf = (uid: ClusterUid): ClusterEvidence | undefined => {
    const cluster = fleet.snapshot.clusters.get(uid);
    if (cluster === undefined) return undefined;
    const evidence = evidenceFor(cluster, name, dependencyOf(fleet.snapshot, cluster, dependsOn));
    if (heirs.length === 0) return evidence;
    return {
      ...evidence,
      handOver: handOverOf(fleet.snapshot, cluster, { placement: name, heirs, adoptedSeq }),
    };
  };
  return {
    desired,
    clusterOf: remembering(clusterOf),
    budget: {
      budget: fleet.budget,
      caps: fleet.rules?.caps,
      isOver: (token) => isOver(fleet, token, { hubHealthySinceMs: hubHealthy, ...grace, nowMs }),
    },
    ...(answerOf && { answerOf }),
    closedFor: (uid, kind) => {
      const cluster = fleet.snapshot.clusters.get(uid)?.cluster;
      if (fleet.rules === undefined || cluster === undefined) return unknownWindows;
      return fleet.rules.windows.closedFor(cluster, kind, nowMs);
    },
    removedClusters: fleet.removed,
    hubHealthySinceMs: hubHealthy,
    ...grace,
    self: actor,
    acceptedCommits: fleet.control.accepted.get(controlSource) ?? noCommits,
  };
}

/** Each cluster is asked about many times in one look, which is one turn: nothing changes meanwhile. */
function remembering<Value>(of: (uid: ClusterUid) => Value): (uid: ClusterUid) => Value {
  const known = new Map<ClusterUid, Value>();
  return (uid) => {
    const before = known.get(uid);
    if (before !== undefined) return before;
    const value = of(uid);
    known.set(uid, value);
    return value;
  };
}

/** Whether a cluster has ended changing for a rollout of any placement. */
function isOver(
  fleet: Fleet,
  token: Token,
  at: Pick<RolloutEvidence, 'hubHealthySinceMs' | 'offlineGraceMs'> & { readonly nowMs: number },
): boolean {
  const { state } = fleet.placementOf(token.placement);
  const clusterOf = (uid: ClusterUid) => {
    const cluster = fleet.snapshot.clusters.get(uid);
    return cluster && evidenceFor(cluster, token.placement, undefined);
  };
  return isChangeOver(state, { ...at, clusterOf }, token, at.nowMs);
}

/** Nobody knows what the files say: that opens nothing (R20). */
const unknownWindows: ClosedWindow = {
  text: 'the change windows, which this hub process does not know yet',
  opensAtMs: undefined,
};

const noCommits: ReadonlyMap<GitId, Acceptance> = new Map();
