import type { GitId, PlacementName } from '@flotilla/shared/base';
import type { Actor } from '@flotilla/shared/model';
import {
  type Acceptance,
  dependencyOf,
  desiredNow,
  evidenceFor,
  type RolloutEvidence,
} from '../core/index.ts';
import type { Fleet } from './fleet.ts';
import { controlSource } from './remotes.ts';

/** What evidence is put together from. */
export interface EvidenceDeps {
  readonly fleet: Fleet;
  /** Since when this hub has been unbrokenly healthy, wall clock; undefined = it is not. */
  readonly healthySinceMs: () => number | undefined;
  /** This hub process. */
  readonly actor: Actor;
}

/** What this process knows about a placement now, besides the placement's own log. */
export function rolloutEvidence(
  { actor, fleet, healthySinceMs }: EvidenceDeps,
  name: PlacementName,
): RolloutEvidence {
  const known = fleet.placementOf(name);
  const dependsOn = known.spec?.dependsOn ?? [];
  return {
    desired: desiredNow(known.desired, fleet.control.adoptedSeq, known.state),
    clusterOf: (uid) => {
      const cluster = fleet.snapshot.clusters.get(uid);
      return cluster && evidenceFor(cluster, name, dependencyOf(fleet.snapshot, cluster, dependsOn));
    },
    removedClusters: fleet.removed,
    hubHealthySinceMs: healthySinceMs(),
    self: actor,
    acceptedCommits: fleet.control.accepted.get(controlSource) ?? noCommits,
  };
}

const noCommits: ReadonlyMap<GitId, Acceptance> = new Map();
