import type { ClusterUid, Digest, GitId, PlacementName } from '@flotilla/shared/base';
import type {
  Actor,
  AssignmentReport,
  BudgetDecision,
  Cluster,
  EvidenceSummary,
  PlacementDecision,
  Presence,
  Reasoned,
  RejectedRow,
  Release,
  RemovalMode,
  RolloutStrategy,
  Variant,
} from '@flotilla/shared/model';
import type { BudgetView } from '../budget/index.ts';
import type { HoldSpec } from '../fleet-spec/index.ts';
import type { KeptMatch, PreviousMatch } from '../placement/index.ts';
import type { ClosedWindow, StartKind } from '../window/index.ts';

/** A person's yes to a commit. */
export interface Acceptance {
  readonly actor: Actor;
  /** When the log stored it, milliseconds. */
  readonly atMs: number;
}

/** All that `advanceRollout` may look at besides the placement's own log. */
export interface RolloutEvidence {
  /** What Git and the registered clusters ask for now. */
  readonly desired: DesiredPlacement;
  /** One registered cluster and what it says of this placement; undefined = not registered here. */
  readonly clusterOf: (uid: ClusterUid) => ClusterEvidence | undefined;
  /** Clusters whose registration a person deleted (never: clusters that are merely not listed). */
  readonly removedClusters: ReadonlySet<ClusterUid>;
  /** Which clusters of the fleet are changing, for whichever placement. */
  readonly budget: BudgetView;
  /** What came of asking a webhook check, by the key of the question; absent or undefined = it was not asked yet. */
  readonly answerOf?: (key: string) => CheckAnswer | undefined;
  /** Why no change of a kind may begin on a cluster at this moment by the change windows; undefined = it may. */
  readonly closedFor: (uid: ClusterUid, kind: StartKind) => ClosedWindow | undefined;
  /** Since when this hub has been unbrokenly healthy: log writable, status flowing, presence known. Undefined = is not. */
  readonly hubHealthySinceMs: number | undefined;
  /** Unbroken health of the hub beyond a row's deadline before silence is the cluster's fault; absent = `graceMs`. */
  readonly offlineGraceMs?: number;
  /** The hub process that decides. */
  readonly self: Actor;
  /** Commits of the control repository that a person accepted (`source accept`), who, and when last. */
  readonly acceptedCommits: ReadonlyMap<GitId, Acceptance>;
}

/** What is wanted of one placement. */
export type DesiredPlacement =
  /** Resolved: these clusters at these variants of this release. */
  | {
      readonly kind: 'release';
      readonly release: Release;
      readonly targets: ReadonlyMap<ClusterUid, Digest>;
      /** Of a rule that picks some of its clusters: who ran it when they were picked, and so kept it. Undefined = it picks none. */
      readonly pickedFrom: ReadonlySet<ClusterUid> | undefined;
      /** Of a rule that looks at facts: who had it when they were looked at. Absent = it looks at none. */
      readonly previous?: PreviousMatch | undefined;
      /** Clusters that are wanted only because facts alone must take it from nobody; absent = none. */
      readonly kept?: ReadonlyMap<ClusterUid, KeptMatch> | undefined;
      /** Every variant in `targets`. */
      readonly variants: ReadonlyMap<Digest, Variant>;
      /** Matched, but its variant cannot be made (a missing label): its last row stays. */
      readonly blocked: ReadonlyMap<ClusterUid, Reasoned>;
      readonly strategy: RolloutStrategy;
      readonly onNewRevision: NewRevision;
      /** The release that Git asks to keep, whatever `release` is. */
      readonly hold: HoldSpec | undefined;
      readonly onUnmatch: RemovalMode;
      /** The commit of the control repository in force, and where in the log it was adopted. */
      readonly commit: GitId;
      readonly adoptedSeq: number;
      /** Placements that are to take over its objects by the same commit; nothing is removed where they have not. Absent = none. */
      readonly heirs?: readonly PlacementName[] | undefined;
      readonly bounds: FleetBounds;
    }
  /** The placement left the control repository: a positive fact, from a tree that parses as a whole. */
  | {
      readonly kind: 'absent';
      readonly commit: GitId;
      readonly adoptedSeq: number;
      /** Placements that are to take over its objects by the same commit; nothing is removed where they have not. Absent = none. */
      readonly heirs?: readonly PlacementName[] | undefined;
      readonly bounds: FleetBounds;
    }
  /** Nobody can say (an error, a source that cannot be read): the last state stays, nothing starts, nothing is removed. */
  | { readonly kind: 'unresolved'; readonly reasons: readonly Reasoned[] };

/**
 * What a newer release does to a rollout that runs (rollout design, "New revision in flight"):
 * - supersede: replaces it at once
 * - queue: waits for its end; one that is halted gives way
 * - block: waits for its end also when it is halted
 * - auto: replaces it while nothing of it has begun, in its first stage, but not four times in a row, when it is halted,
 *   and when it waits only for clusters that are not expected back; else waits
 */
export type NewRevision = 'auto' | 'supersede' | 'queue' | 'block';

/** Bounds of the fleet policy in numbers of clusters, after rounding. */
export interface FleetBounds {
  /** More leavers at once than this wait for a person. At least 1. */
  readonly withdrawMax: number;
  /** So many clusters may join at once without a rollout of their own. At least 1. */
  readonly joinMax: number;
}

/** One registered cluster, as evidence. */
export interface ClusterEvidence {
  readonly cluster: Cluster;
  readonly presence: Presence;
  readonly presenceSinceMs: number;
  /** Connected, and the report that the last heartbeat named is folded. Anything else is unknown. */
  readonly isFresh: boolean;
  /** What the newest report says of this placement. */
  readonly report: AssignmentReport | undefined;
  /** When the bus stored that report, milliseconds; absent or 0 = there is none. */
  readonly reportStoredAtMs?: number;
  /** `incarnation.seq` of that report; '' = none. */
  readonly reportVersion: string;
  /** What this placement waits for on this cluster: another placement that is not Ready there. Undefined = nothing. */
  readonly waitsFor: Reasoned | undefined;
  /** Why its objects may not be removed there yet: another placement is to take them over. Absent = nothing. */
  readonly handOver?: Reasoned | undefined;
  /** The agent's NACK of a row, if the newest answer was one. */
  readonly rejected: RejectedRow | undefined;
}

/** What came of asking a webhook check. Every text may be ''. */
export type CheckAnswer =
  /** No answer that counts yet; the text is what came of the last try. */
  | { readonly kind: 'asking'; readonly text: string }
  | { readonly kind: 'passed'; readonly text: string }
  /** It said no, or nothing within its time. */
  | { readonly kind: 'failed'; readonly text: string };

/** A decision that should be appended: the loop adds format, id, time and the expected sequence. */
export interface DraftDecision {
  readonly actor: Actor;
  readonly evidence: EvidenceSummary | undefined;
  readonly payload: PlacementDecision;
  /**
   * What the budget's subject must get in the same atomic batch, expecting the `lastSeq` of the budget that was looked at.
   * Absent = nobody starts by this decision.
   */
  readonly tokens?: BudgetDecision | undefined;
}

/** What to do about a placement now. */
export interface AdvanceResult {
  /**
   * To append in order, the first expecting `state.lastSeq`, each next one the sequence of the one before. When an append
   * conflicts: fold what came, advance again.
   */
  readonly events: readonly DraftDecision[];
  /** Why what does not move does not move; the first is the one to show. */
  readonly notes: readonly Reasoned[];
  /** Clusters that could start but for one reason of their own: a closed change window, or the fleet's cap. */
  readonly held: ReadonlyMap<ClusterUid, Reasoned>;
  /** Look again at this time even if no evidence comes; milliseconds, same clock as `nowMs`. */
  readonly wakeAtMs: number | undefined;
}
