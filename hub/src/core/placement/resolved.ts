import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type {
  Cluster,
  ClusterSelector,
  ExcludingTerm,
  Reasoned,
  RolloutStrategy,
} from '@flotilla/shared/model';
import type {
  FleetSpec,
  LocatedError,
  OverrideSpec,
  PlacementSpec,
  SourceSpec,
} from '../fleet-spec/index.ts';
import type { CelReader } from './cel-reader.ts';

/** Which placements go to which clusters. Sorted by name; equal for any order of input. */
export interface ResolvedPlacements {
  /** What it has evaluated; the next resolution goes on with it. */
  readonly reader: CelReader;
  /** What was resolved. */
  readonly spec: FleetSpec;
  /** Clusters as rules see them: Cluster documents applied. Sorted by name. */
  readonly clusters: readonly Cluster[];
  readonly placements: readonly ResolvedPlacement[];
}

/** One placement with everything it refers to, and its clusters. */
export interface ResolvedPlacement {
  readonly spec: PlacementSpec;
  readonly selector: ClusterSelector;
  readonly overrides: readonly ResolvedOverride[];
  /** Undefined = the control repository itself, or an unknown source (then `errors` says so). */
  readonly source: SourceSpec | undefined;
  /** Undefined when it cannot be known; `errors` says why. */
  readonly strategy: RolloutStrategy | undefined;
  /** Selected and tolerated clusters, of which `pick` takes some; sorted by name. The same as `matched` without a pick. */
  readonly selected: readonly Cluster[];
  /** Sorted by name. */
  readonly matched: readonly Cluster[];
  /** Who ran it when some of the selected clusters were picked; undefined = its rule picks none. */
  readonly pickedFrom: ReadonlySet<ClusterUid> | undefined;
  /** Who had it when its facts were looked at; undefined = no expression of its rule reads facts. */
  readonly previous: PreviousMatch | undefined;
  /** Of `matched`: clusters that it would not take now, but that keep it, because that rests on facts alone. */
  readonly kept: ReadonlyMap<ClusterUid, KeptMatch>;
  /** An expression reads facts: of the rule, an override or a stage. */
  readonly readsFacts: boolean;
  /** Not empty: the placement cannot be resolved; its last state stays in force. */
  readonly errors: readonly LocatedError[];
}

/** Clusters that have been matched before, as the placement's log says. */
export interface PreviousMatch {
  /** Those that run it. */
  readonly running: ReadonlySet<ClusterUid>;
  /** Those that wait in the plan of a rollout that has not ended. */
  readonly planned: ReadonlySet<ClusterUid>;
}

/** Why a cluster keeps a placement that it would not be given now. */
export interface KeptMatch {
  readonly why: Reasoned;
  /** Fresh facts say no, so a person is asked; else nobody knows, and nothing happens. */
  readonly asks: boolean;
}

/** An override whose selector is resolved. */
export type ResolvedOverride = Omit<OverrideSpec, 'clusters'> & { readonly clusters: ClusterSelector };

/** Why one cluster is not matched by a placement: one reason for each term that excludes it. */
export interface Exclusion {
  readonly placement: PlacementName;
  readonly cluster: ClusterUid;
  readonly reasons: readonly ExcludingTerm[];
}
