import type { ClusterName, PlacementName } from '@flotilla/shared/base';
import type {
  Amount,
  ApplyPolicy,
  HealthPolicy,
  HelmOptions,
  PrunePolicy,
  RemovalMode,
  Renderer,
  RenderPatch,
  RolloutStrategy,
  StageCheck,
  Taint,
} from '@flotilla/shared/model';
import type { WrittenSchedule } from '../schedule/index.ts';
import type { LocatedError, Location } from './located-error.ts';
import type { PickSpec, Reference, SelectorSpec } from './model-selector.ts';
import type { PlacementTestSpec } from './model-test.ts';

export type * from './model-selector.ts';

/** Everything that the files of a control repository say, parsed and checked; each list is sorted by name. */
export interface FleetSpec {
  readonly placements: readonly PlacementSpec[];
  readonly strategies: readonly StrategySpec[];
  readonly policies: readonly FleetPolicySpec[];
  readonly windows: readonly ChangeWindowSpec[];
  readonly sources: readonly SourceSpec[];
  readonly groups: readonly ClusterGroupSpec[];
  readonly clusters: readonly ClusterSpec[];
  readonly checks: readonly CheckSpec[];
  /** What people expect of placements; never changes where one goes. */
  readonly tests: readonly PlacementTestSpec[];
  /** Paths that do not parse: while there are any, a document that is missing here is not known to be gone. */
  readonly unreadable: readonly string[];
}

/** What every document has. */
export interface Documented {
  /** Where the document begins. */
  readonly at: Location;
  /** Parts that are valid but cannot be done yet; whoever uses the document shows them and keeps its last state. */
  readonly unsupported: readonly LocatedError[];
}

/** This source path, on these clusters, with this strategy. */
export interface PlacementSpec extends Documented {
  readonly name: PlacementName;
  readonly source: ContentSpec;
  readonly renderer: Renderer;
  readonly helm: HelmOptions | undefined;
  /** For declared substitution; values may hold `${cluster.…}`. */
  readonly variables: { readonly [name: string]: string };
  readonly namespace: string | undefined;
  readonly clusters: SelectorSpec;
  /** Takes only so many of the selected clusters; undefined = all. */
  readonly pick: PickSpec | undefined;
  /** Taint keys that do not keep the placement away. */
  readonly tolerate: readonly string[];
  readonly overrides: readonly OverrideSpec[];
  /** Placements that must be Ready on a cluster before this one begins there. */
  readonly dependsOn: readonly Reference[];
  /** Undefined = free to move. */
  readonly hold: HoldSpec | undefined;
  /** Undefined = the strategy's deadline alone counts. */
  readonly deadlineMs: number | undefined;
  readonly checks: HealthPolicy['checks'];
  readonly apply: ApplyPolicy;
  readonly prune: PrunePolicy;
  /** Undefined = the policy's default strategy. */
  readonly strategy: Reference | undefined;
  readonly onNewRevision: 'auto' | 'supersede' | 'queue' | 'block';
  /** Finished rollouts kept for people. */
  readonly history: number;
  readonly onUnmatch: RemovalMode;
}

/** A person pinned a placement in Git. */
export interface HoldSpec {
  /** First characters of the commit whose release stays; at least 7. */
  readonly release: string;
  readonly reason: string;
  /** When it ends by itself, wall clock milliseconds; undefined = when the file says so no longer. */
  readonly untilMs: number | undefined;
}

/** Where a placement's content lies. */
export interface ContentSpec {
  /** A Source; undefined = the control repository itself. */
  readonly repo: Reference | undefined;
  /** Branch, tag or commit; undefined = the ref that the control repository is followed at, or the Source's default branch. */
  readonly ref: string | undefined;
  /** Without leading or trailing slash; '' = root. */
  readonly path: string;
  readonly pathAt: Location;
  readonly includes: readonly PathSpec[];
}

/** A path as a file names it. */
export interface PathSpec {
  readonly path: string;
  readonly at: Location;
}

/** What differs on some clusters of a placement. */
export interface OverrideSpec {
  readonly clusters: SelectorSpec;
  readonly overlay: PathSpec | undefined;
  /** JSON object; undefined = none. */
  readonly valuesJson: string | undefined;
  readonly patches: readonly RenderPatch[];
  readonly at: Location;
}

/** A strategy, with its stages' selectors already resolved to text when the groups are known. */
export interface StrategySpec extends Documented {
  readonly name: string;
  readonly stages: readonly StageSpec[];
  readonly defaults: Omit<RolloutStrategy, 'name' | 'stages'>;
}

/** One stage; all that a StrategyStage has, with the selector as written, and checks by their names. */
export type StageSpec = Omit<RolloutStrategy['stages'][number], 'select' | 'checks'> & {
  readonly at: Location;
  readonly checks: readonly Reference[];
  readonly select:
    | { readonly kind: 'canary'; readonly count: number }
    | { readonly kind: 'selector'; readonly selector: SelectorSpec; readonly required: boolean }
    | { readonly kind: 'remaining' };
};

/** Blast radius over all placements; at most one per fleet. */
export interface FleetPolicySpec extends Documented {
  readonly name: string;
  /** More clusters than this of the fleet leaving one placement wait for a person. */
  readonly maxWithdraw: Amount;
  /** So many clusters of the fleet may change at once, over all placements. */
  readonly maxChanging: Amount;
  /** So many placements may change one cluster at once. At least 1. */
  readonly maxChangingPerCluster: number;
  /** So many of a placement's clusters may join at once without a rollout of their own. */
  readonly autoJoinMax: Amount;
  readonly defaultStrategy: Reference | undefined;
}

/** When changes may or may not start, on the clusters that it selects or on all. */
export interface ChangeWindowSpec extends Documented {
  readonly name: string;
  /** allow: changes begin only while one of the windows that allow is on. deny: none begins while it is on. */
  readonly mode: 'allow' | 'deny';
  readonly clusters: SelectorSpec | undefined;
  readonly schedule: WrittenSchedule;
  /** A rollback is held by no window, named here or not. */
  readonly exempt: readonly ('rollback' | 'urgent')[];
}

/** A named Git repository. */
export interface SourceSpec extends Documented {
  readonly name: string;
  readonly url: string;
  /** Name of a credential; undefined = none. */
  readonly credential: string | undefined;
  /** Of which one must have signed a commit; empty = no check. */
  readonly requiredSigners: readonly string[];
  readonly caBundlePem: string | undefined;
}

/** A named selector. */
export interface ClusterGroupSpec extends Documented {
  readonly name: string;
  readonly clusters: SelectorSpec;
}

/** Labels, taints and cordon of a registered cluster, kept in Git; replaces what the hub's record says, as a whole. */
export interface ClusterSpec extends Documented {
  readonly name: ClusterName;
  readonly labels: { readonly [key: string]: string };
  readonly taints: readonly Taint[];
  readonly isCordoned: boolean;
}

/** A named check. */
export interface CheckSpec extends Documented {
  readonly name: string;
  readonly check: StageCheck;
}

/** One file of a control repository as the parser takes it. */
export interface ControlFile {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** The kinds of documents, as written. */
export type SpecKind =
  | 'Placement'
  | 'RolloutStrategy'
  | 'FleetPolicy'
  | 'ChangeWindow'
  | 'Source'
  | 'ClusterGroup'
  | 'Cluster'
  | 'Check'
  | 'PlacementTest';

/** What one file says: its documents by kind, or why it cannot be taken. */
export interface ParsedFile {
  readonly path: string;
  /** False for YAML that holds no flotilla.dev document. */
  readonly isOurs: boolean;
  /** Kind and name of each document in order. */
  readonly documents: readonly SpecDocument[];
  /** Not empty: the file as a whole is not taken. */
  readonly errors: readonly LocatedError[];
}

/** One parsed document. */
export type SpecDocument =
  | { readonly kind: 'Placement'; readonly spec: PlacementSpec }
  | { readonly kind: 'RolloutStrategy'; readonly spec: StrategySpec }
  | { readonly kind: 'FleetPolicy'; readonly spec: FleetPolicySpec }
  | { readonly kind: 'ChangeWindow'; readonly spec: ChangeWindowSpec }
  | { readonly kind: 'Source'; readonly spec: SourceSpec }
  | { readonly kind: 'ClusterGroup'; readonly spec: ClusterGroupSpec }
  | { readonly kind: 'Cluster'; readonly spec: ClusterSpec }
  | { readonly kind: 'Check'; readonly spec: CheckSpec }
  | { readonly kind: 'PlacementTest'; readonly spec: PlacementTestSpec };
