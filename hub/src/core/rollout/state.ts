import type { ClusterUid, Digest, EventId, GitId, PlacementName, RolloutId } from '@flotilla/shared/base';
import type {
  Actor,
  Cause,
  CommitInfo,
  DecisionEvent,
  DeferReason,
  FailureKind,
  PlacementDecision,
  Release,
  RemovalMode,
  RolloutCounts,
  RolloutKind,
  RolloutPlanned,
  RolloutTarget,
  RowMode,
  RowVersion,
  Variant,
} from '@flotilla/shared/model';
import type { Urgency } from './urgent.ts';

export type { RolloutCounts } from '@flotilla/shared/model';

/** A decision on one placement's subject as it stands in the log (a part of ports.ts StoredDecision). */
export interface StoredPlacementEvent {
  readonly seq: number;
  readonly storedAtMs: number;
  /** Digest of the message's bytes; goes into the rows that the event makes. */
  readonly hash: Digest;
  /** The fleet's epoch at this place of the log. At least 1. */
  readonly epoch: number;
  readonly event: DecisionEvent<PlacementDecision>;
}

/** All that a placement's log says; folded from it alone, so equal on every hub process. */
export interface RolloutState {
  readonly placement: PlacementName;
  /** What the next append must expect; 0 = nothing in the log. */
  readonly lastSeq: number;
  /** Largest stamp folded: the only clock of folded state. Milliseconds. */
  readonly timeMs: number;
  /** When the last tick was made, by the clock of the hub that made it; 0 = never. */
  readonly tickedAtMs: number;
  /** Number of the next rollout; counts from 1. */
  readonly nextNumber: number;
  /** Sequence of the event that made its first row: the placement's age. Absent = it has made none. */
  readonly firstRowSeq?: number | undefined;
  /** What each cluster is told: its newest row, removals included. */
  readonly rows: ReadonlyMap<ClusterUid, PlacementRow>;
  /** By cluster the sequence of the row that it was proven with, or had failed with, when the rollout of the row ended. */
  readonly settled: ReadonlyMap<ClusterUid, number>;
  /** Update, expand, rollback or catch-up; not yet ended. */
  readonly active: Rollout | undefined;
  /** A withdraw that has not ended; it runs beside `active`, because their clusters are never the same. */
  readonly withdraw: Rollout | undefined;
  /** Release of the last succeeded update, expand, rollback or catch-up; from its plan on what an undo goes back to. */
  readonly stable: Release | undefined;
  /** What was stable before `stable` succeeded; what an undo after a success goes back to. */
  readonly stableBefore: Release | undefined;
  /** A release that was rolled back: no cluster gets it until somebody says retry or Git asks for another. */
  readonly rejected: Rejection | undefined;
  /** The release of a rollout that a person aborted: who has it keeps it, nobody else gets it. */
  readonly aborted: Rejection | undefined;
  /** Clusters that keep the placement because a person aborted its removal there; undefined = none. */
  readonly kept: KeptClusters | undefined;
  /** The release that a person called urgent; undefined = none. */
  readonly urgent: Urgency | undefined;
  /** Clusters that a person left out, with the release that they were to get. */
  readonly skipped: ReadonlyMap<ClusterUid, Digest>;
  /** What a removal of the whole placement does; undefined before the first rollout. */
  readonly onUnmatch: RemovalMode | undefined;
  /** A withdrawal that waits for a person. */
  readonly held: HeldWithdraw | undefined;
  /** Clusters whose withdrawal a person approved. */
  readonly approved: ReadonlySet<ClusterUid>;
  /** Ended rollouts, newest first, bounded. */
  readonly history: readonly FinishedRollout[];
}

/** A release that does not start by itself. */
export interface Rejection {
  readonly release: Digest;
  /** The commit that the release was seen at. Absent in logs of before. */
  readonly commit?: GitId | undefined;
  /** The rollout that was undone or aborted. */
  readonly rollout: RolloutId;
  readonly by: Actor;
  /** Why. */
  readonly text: string;
  readonly sinceMs: number;
}

/** What an aborted removal left. */
export interface KeptClusters extends Pick<Rejection, 'by' | 'rollout' | 'sinceMs' | 'text'> {
  readonly clusters: ReadonlySet<ClusterUid>;
}

/** One cluster's row without its MAC, and since when it stands. */
export interface PlacementRow {
  readonly version: RowVersion;
  readonly eventHash: Digest;
  readonly eventId: EventId;
  readonly cause: Cause;
  readonly mode: RowMode;
  readonly rollout: RolloutId;
  readonly target: RowTarget;
  /** The one list of deletes that a person allowed; a later row does not have it. Absent = none. */
  readonly permittedPrune?: Digest | undefined;
  /** When the event that made the row was stored, milliseconds. */
  readonly issuedAtMs: number;
}

/** What a row asks for. */
export type RowTarget =
  | {
      readonly kind: 'variant';
      /** With the soak and deadline of the stage that issued it. */
      readonly variant: Variant;
      readonly releaseDigest: Digest;
    }
  | { readonly kind: 'removal'; readonly mode: RemovalMode };

/** One rollout that has not ended. */
export interface Rollout {
  readonly id: RolloutId;
  readonly plan: RolloutPlanned;
  readonly plannedSeq: number;
  readonly plannedAtMs: number;
  readonly plannedBy: Actor;
  readonly status: RolloutStatus;
  readonly isPaused: boolean;
  /** Of a withdraw: those whose removal a person had approved when it was planned; absent = none. */
  readonly agreed?: ReadonlySet<ClusterUid> | undefined;
  /** When a person approved what comes after a stage, by index of the stage; milliseconds of folded time. */
  readonly approvals: ReadonlyMap<number, number>;
  /** What webhook checks said; absent = none has answered yet. */
  readonly checks?: RolloutChecks | undefined;
  /** Wave whose soak a person ended; undefined = none. */
  readonly promotedWave: number | undefined;
  /** One for each target of the plan and each admitted cluster. */
  readonly clusters: ReadonlyMap<ClusterUid, RolloutCluster>;
}

/** Answers of webhook checks. */
export interface RolloutChecks {
  /** Counts halts that were ended: what was answered before one does not count after it. */
  readonly round: number;
  /** When those passed that did in this round, by `stage/name` with the stage's index; milliseconds. */
  readonly passed: ReadonlyMap<string, number>;
}

/**
 * - planned: the plan is frozen, no row has been made
 * - open: the rows of `wave` exist; waits for the evidence of its clusters
 * - passed: every cluster of `wave` is proven, failed within budget or deferred; the next wave may open
 * - halted: no row moves forward until resume, a rollback or a newer release
 */
export type RolloutStatus =
  | { readonly kind: 'planned' }
  | { readonly kind: 'open'; readonly stage: number; readonly wave: number; readonly sinceMs: number }
  | { readonly kind: 'passed'; readonly stage: number; readonly wave: number; readonly sinceMs: number }
  | {
      readonly kind: 'halted';
      readonly stage: number;
      readonly wave: number;
      readonly sinceMs: number;
      readonly text: string;
      /** Nothing had begun; absent = the wave had. */
      readonly isBeforeAll?: true;
    };

/** Where one cluster stands in a rollout, as far as decisions say. What it reports since then is evidence, not state. */
export interface RolloutCluster {
  readonly target: RolloutTarget;
  /** Index into plan.waves; undefined = admitted outside the plan. */
  readonly wave: number | undefined;
  readonly phase: RolloutClusterPhase;
  /** When it came into this phase, milliseconds of folded time. */
  readonly sinceMs: number;
}

/** Waiting for its wave; issued = has its row; ready = proven when its wave passed. */
export type RolloutClusterPhase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'issued' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'deferred'; readonly reason: DeferReason }
  | { readonly kind: 'failed'; readonly failure: FailureKind; readonly text: string };

/** Rows of these clusters would be removed, but nobody has said yes. */
export interface HeldWithdraw {
  readonly clusters: readonly ClusterUid[];
  /** Of the decision since which some of them have been held without a break: who got it later does not count (R21). */
  readonly sinceSeq: number;
  readonly commit: GitId;
  readonly text: string;
  readonly sinceMs: number;
}

/** A rollout that has ended, for people. */
export interface FinishedRollout {
  readonly id: RolloutId;
  readonly kind: RolloutKind;
  readonly outcome: 'succeeded' | 'superseded' | 'cancelled';
  /** What superseded it, or why it was cancelled; '' when it succeeded. */
  readonly text: string;
  /** Who ended it. */
  readonly by: Actor;
  readonly releaseDigest: Digest | undefined;
  readonly commit: CommitInfo | undefined;
  /** What made it: a commit or a decision. */
  readonly cause: Cause;
  readonly strategy: string;
  readonly plannedAtMs: number;
  readonly endedAtMs: number;
  readonly counts: RolloutCounts;
}

/** Clusters whose newest row gives them the placement. */
export function runningOn({ rows }: Pick<RolloutState, 'rows'>): ReadonlySet<ClusterUid> {
  const found = new Set<ClusterUid>();
  for (const [uid, { target }] of rows) if (target.kind === 'variant') found.add(uid);
  return found;
}

/** The state of a placement whose log is empty. */
export function emptyRolloutState(placement: PlacementName): RolloutState {
  return {
    placement,
    lastSeq: 0,
    timeMs: 0,
    tickedAtMs: 0,
    nextNumber: 1,
    rows: new Map(),
    settled: new Map(),
    active: undefined,
    withdraw: undefined,
    stable: undefined,
    stableBefore: undefined,
    rejected: undefined,
    aborted: undefined,
    kept: undefined,
    urgent: undefined,
    skipped: new Map(),
    onUnmatch: undefined,
    held: undefined,
    approved: new Set(),
    history: [],
  };
}
