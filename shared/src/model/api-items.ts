import type { ClusterName, ClusterUid, Digest, GitId, PlacementName, RolloutId } from '../base/index.ts';
import type { ApiItem } from './api-item.ts';
import type { ReleaseSummary, RolloutItem, RolloutSummary, StoppedRelease } from './api-rollout-items.ts';
import type { Cause, CommitInfo } from './assignment.ts';
import type { Presence, Taint } from './cluster.ts';
import type { DriftSummary, FailingObject, HeldPrune, ObjectCounts, Timings } from './report.ts';
import type { Reasoned, ShownState } from './state.ts';

/** How fresh a state is: principle "every state carries its age". */
export interface Freshness {
  readonly isFresh: boolean;
  /** When the state was last known to be true; undefined = never. */
  readonly asOfMs: number | undefined;
}

/** How many assignments (or clusters) are in each state; all seven are present. */
export type StateCounts = { readonly [state in ShownState]: number };

/** Equal causes of failure, grouped by fingerprint. */
export interface FailureGroup {
  /** 16 hex characters; '' where no object is to blame. */
  readonly fingerprint: string;
  readonly reason: string;
  /** Message of the example. */
  readonly text: string;
  /** Assignments that show it. */
  readonly count: number;
  readonly example: {
    readonly cluster: ClusterName;
    readonly placement: PlacementName;
    readonly object: string;
  };
}

/** `flotilla get clusters`. */
export type ClusterItem = ApiItem<'Cluster', ClusterItemSpec, ClusterItemStatus>;

/** What people set. */
export interface ClusterItemSpec {
  readonly taints: readonly Taint[];
  readonly isCordoned: boolean;
}

/** What is so. */
export interface ClusterItemStatus {
  /** Worst of its assignments; Unknown when not fresh. */
  readonly state: ShownState;
  readonly reason: Reasoned | undefined;
  readonly presence: Presence;
  readonly presenceSinceMs: number;
  readonly freshness: Freshness;
  /** By the state of its assignments. */
  readonly counts: StateCounts;
  readonly assignments: number;
  /** Objects that differ from what was applied, now. */
  readonly driftedObjects: number;
  /** '' until reported. */
  readonly agentVersion: string;
  readonly kubernetesVersion: string;
  /** 0 = unknown. */
  readonly nodes: number;
  readonly isSimulated: boolean;
  /** Other facts that its agent reports, by name (`facts.more` of selectors); absent = none. */
  readonly moreFacts?: { readonly [name: string]: string } | undefined;
  readonly failures: readonly FailureGroup[];
}

/** `flotilla get placements`. */
export type PlacementItem = ApiItem<'Placement', PlacementItemSpec, PlacementItemStatus>;

/** The rule, as far as lists show it. */
export interface PlacementItemSpec {
  /** `file:line` at the control commit in force; undefined once it left the repository. */
  readonly definedAt: string | undefined;
  readonly repo: string;
  readonly ref: string;
  readonly path: string;
  readonly strategy: string;
}

/** What became of it. */
export interface PlacementItemStatus {
  /** Worst of its assignments; Stalled with located errors when the rule itself cannot be taken. */
  readonly state: ShownState;
  /** The one reason why it does not move; undefined = nothing to do. */
  readonly reason: Reasoned | undefined;
  readonly counts: StateCounts;
  readonly targets: number;
  readonly release: ReleaseSummary | undefined;
  readonly stable: ReleaseSummary | undefined;
  readonly rollout: RolloutSummary | undefined;
  /** Mistakes in Git that keep a newer state of this placement from coming into force. */
  readonly errors: readonly GitMistake[];
  /** A withdrawal or a source that waits for a person. */
  readonly held: readonly Reasoned[];
  readonly failures: readonly FailureGroup[];
  /** Releases that a person stopped: they start again by a change in Git or by retry alone. */
  readonly stopped: readonly StoppedRelease[];
  /** Clusters that a person left out of the release, until retry or the next one. */
  readonly skipped: number;
  /** Last sequence of the placement's decisions: what an operation may expect. */
  readonly lastSeq: number;
}

/** A mistake in a file of a control repository. Line and column count from 1. */
export interface GitMistake {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Upper snake case, stable across releases. */
  readonly code: string;
  /** What is wrong, why, what to do. No full stop at the end. */
  readonly text: string;
  /** The commit at which the file stands so; undefined = not known. */
  readonly commit?: GitId | undefined;
  /** The document it speaks of; undefined = the file as a whole. */
  readonly document?: { readonly kind: string; readonly name: string } | undefined;
}

/** `flotilla get assignments`; metadata.name is `CLUSTER/PLACEMENT`, metadata.labels are those of the cluster. */
export type AssignmentItem = ApiItem<'Assignment', AssignmentItemSpec, AssignmentItemStatus>;

/** What the cluster is told. */
export interface AssignmentItemSpec {
  readonly cluster: ClusterName;
  readonly clusterUid: ClusterUid;
  readonly placement: PlacementName;
  /** `epoch.seq`; '' while no row was made. */
  readonly version: string;
  readonly isRemoval: boolean;
  readonly variantDigest: Digest | undefined;
  readonly commit: CommitInfo | undefined;
  readonly cause: Cause | undefined;
  readonly rollout: RolloutId | undefined;
}

/** What came of it. */
export interface AssignmentItemStatus {
  readonly state: ShownState;
  readonly reason: Reasoned | undefined;
  readonly freshness: Freshness;
  /** How long it has been proven healthy, milliseconds. */
  readonly healthyForMs: number;
  readonly appliedCommit: GitId | undefined;
  readonly objects: ObjectCounts;
  readonly failing: readonly FailingObject[];
  readonly drift: DriftSummary;
  readonly timings: Timings;
  readonly heldPrune: HeldPrune | undefined;
  /** Objects that other placements want there, too, and cannot have; by their agents' word. Absent = none. */
  readonly contested?: readonly ContestedObject[] | undefined;
}

/** An object of an assignment that another placement wants, too. */
export interface ContestedObject extends Pick<FailingObject, 'group' | 'kind' | 'namespace' | 'name'> {
  /** The placement that cannot have it. */
  readonly placement: PlacementName;
}

/** What `describe` shows beside the item itself. */
export interface Described<Item> {
  readonly item: Item;
  /** For a placement or rollout its assignments, for a cluster its assignments; at most `limits.describeItemsMax`, worst first. */
  readonly assignments: readonly AssignmentItem[];
  /** Assignments that were left out. */
  readonly more: number;
  /** For a placement: its rollouts, newest first. */
  readonly rollouts: readonly RolloutItem[];
  /** What is wrong around it, for people: outages, and what of Git waits for a person; undefined = nothing. */
  readonly warnings?: readonly string[] | undefined;
}
