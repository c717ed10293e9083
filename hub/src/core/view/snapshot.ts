import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { Cluster, Reasoned } from '@flotilla/shared/model';
import type { LocatedError, PlacementSpec } from '../fleet-spec/index.ts';
import type { ResolvedPlacement } from '../placement/index.ts';
import type { DesiredPlacement, RolloutState } from '../rollout/index.ts';
import type { ClusterView } from './cluster-view.ts';

/** All that the items are made from. The loops keep the maps and change them in place; an item reads what is there now. */
export interface FleetSnapshot {
  /** Registered clusters, Cluster documents applied. */
  readonly clusters: ReadonlyMap<ClusterUid, KnownCluster>;
  /** Placements in force, and those whose rows still stand. */
  readonly placements: ReadonlyMap<PlacementName, KnownPlacement>;
}

/** One registered cluster. */
export interface KnownCluster {
  readonly cluster: Cluster;
  readonly view: ClusterView;
}

/** One placement: its rule, its log, and what the last look at it said. */
export interface KnownPlacement {
  /** Undefined once it left the repository. */
  readonly spec: PlacementSpec | undefined;
  /** The rule with everything that it refers to, from the last look at it; undefined before the first. */
  readonly resolved?: ResolvedPlacement | undefined;
  readonly state: RolloutState;
  readonly desired: DesiredPlacement;
  /** Located mistakes that concern it: of its own documents, its source, its path. */
  readonly errors: readonly LocatedError[];
  /** Notes of the last `advanceRollout`. */
  readonly notes: readonly Reasoned[];
  /** Why single clusters do not start, by the last `advanceRollout`; absent = nobody is held. */
  readonly held?: ReadonlyMap<ClusterUid, Reasoned> | undefined;
}
