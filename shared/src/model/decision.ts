import type { ClusterUid, Digest, EventId, GitId, PlacementName, RolloutId } from '../base/index.ts';
import type { Cause, CommitInfo, RemovalMode, Variant } from './assignment.ts';
import type { BudgetDecision } from './decision-budget.ts';
import type { EpochDecision, RowsAdopted } from './decision-epoch.ts';
import type { OperationDecision } from './decision-operations.ts';
import type { WithdrawDecision } from './decision-withdraw.ts';
import type { Release } from './release.ts';
import type { RolloutStrategy } from './strategy.ts';

/** Format of a stored decision event; a newer one than the program knows is refused, never rewritten. */
export const decisionFormat = 1;

/** Who decided. */
export type Actor =
  | { readonly kind: 'hub'; readonly process: string }
  | { readonly kind: 'person'; readonly name: string; readonly reason: string };

/**
 * One entry of the decision log, as stored (JSON, one message). The log is the lock: it is appended with the expected
 * last sequence of its subject, and the sequence that the stream gives is the row version's seq.
 */
export interface DecisionEvent<Payload = Decision> {
  readonly format: number;
  /** Made by whoever appends; finds an append whose answer was lost. */
  readonly id: EventId;
  /** Wall clock of the append, milliseconds; display and folded time, never compared with a cluster's clock. */
  readonly atMs: number;
  readonly actor: Actor;
  /** Last sequence of the subject that the decider had folded; the append is conditional on it. 0 = none. */
  readonly expectedSeq: number;
  /** What the decision rests on, so that it can be audited and replayed. */
  readonly evidence: EvidenceSummary | undefined;
  readonly payload: Payload;
}

/** What a decision rests on. */
export interface EvidenceSummary {
  /** Clusters that were proven good, as counts: successes are summed, failures are events. */
  readonly ready: number;
  readonly failed: number;
  readonly deferred: number;
  readonly unknown: number;
  /** Least proven health among the ready ones, milliseconds. */
  readonly healthyForMs: number;
  /** Report versions looked at: cluster uid to `incarnation.seq`; only those that decided. */
  readonly reports: { readonly [uid: string]: string };
}

/** Any decision, on any subject. */
export type Decision = ControlDecision | PlacementDecision | BudgetDecision | EpochDecision;

/** On `flotilla.decisions.control`. */
export type ControlDecision =
  | ControlAdopted
  | {
      /** A person accepted a non-fast-forward, an emptied repository or a large withdrawal. */
      readonly kind: 'source-accepted';
      readonly source: string;
      readonly ref: string;
      readonly commit: GitId;
    };

/** Which state of Git is in force from here on; every hub process resolves exactly this. */
export interface ControlAdopted {
  readonly kind: 'control-adopted';
  readonly commit: CommitInfo;
  readonly ref: string;
  /** Blob in force for each flotilla.dev file: the commit's own, or the last good one where that does not parse. */
  readonly files: { readonly [path: string]: GitId };
  /** Files whose state at `commit` is not in force: path to the located error. Their blob above is an older one or absent. */
  readonly broken: { readonly [path: string]: string };
  /** Adopted commit for each other source and ref followed: `source ref` to commit. */
  readonly sources: { readonly [sourceAndRef: string]: CommitInfo };
}

/** On `flotilla.decisions.p.<placement>`. */
export type PlacementDecision =
  | OperationDecision
  | RolloutPlanned
  | WaveOpened
  | ClustersStarted
  | ClustersAdmitted
  | {
      readonly kind: 'cluster-failed';
      readonly rollout: RolloutId;
      readonly cluster: ClusterUid;
      readonly failure: FailureKind;
      readonly text: string;
    }
  | {
      readonly kind: 'wave-passed';
      readonly rollout: RolloutId;
      readonly stage: number;
      readonly wave: number;
    }
  | CheckDecision
  | { readonly kind: 'rollout-halted'; readonly rollout: RolloutId; readonly text: string }
  | { readonly kind: 'rollout-succeeded'; readonly rollout: RolloutId }
  | { readonly kind: 'rollout-superseded'; readonly rollout: RolloutId; readonly by: RolloutId }
  | { readonly kind: 'rollout-cancelled'; readonly rollout: RolloutId; readonly text: string }
  | WithdrawDecision
  | RowsAdopted
  | { readonly kind: 'cluster-forgotten'; readonly cluster: ClusterUid }
  | {
      /** What a later removal of the placement itself will do: its file is gone by then. */
      readonly kind: 'on-unmatch-set';
      readonly mode: RemovalMode;
    }
  | { readonly kind: 'tick' };

/** What a webhook check of a stage answered. A failed one halts the rollout. */
export interface CheckDecision {
  readonly kind: 'check-passed' | 'check-failed';
  readonly rollout: RolloutId;
  /** Index into the strategy's stages. */
  readonly stage: number;
  readonly check: string;
  /** What was said, or why nothing was; '' when there is nothing to say. */
  readonly text: string;
}

/** Kinds of rollout (glossary). */
export type RolloutKind = 'update' | 'expand' | 'withdraw' | 'rollback' | 'catch-up';

/** The frozen plan of one rollout: commit, digests, strategy and order are pinned here. */
export interface RolloutPlanned {
  readonly kind: 'rollout-planned';
  readonly rollout: RolloutId;
  readonly rolloutKind: RolloutKind;
  /** Undefined for a withdraw. */
  readonly release: Release | undefined;
  /** Release to go back to: of the last succeeded rollout. */
  readonly stable: Release | undefined;
  /** Every variant that a target gets, by digest. */
  readonly variants: { readonly [digest: string]: Variant };
  /** Variant digest for each cluster, or how it is withdrawn. */
  readonly targets: { readonly [uid: string]: RolloutTarget };
  readonly strategy: RolloutStrategy;
  /** A partition of the targets, in order; `stage` indexes strategy.stages. */
  readonly waves: readonly PlannedWave[];
  /** The decision `''` is the plan's own event. */
  readonly cause: Cause;
  /** Ended by this event. */
  readonly supersedes: RolloutId | undefined;
  /** What a later removal of the placement itself will do. */
  readonly onUnmatch: RemovalMode;
  /** Targets that were failing before the rollout: they go last, and what they do is not held against it. */
  readonly unwell: readonly ClusterUid[];
  /** Of an `undo`: the release that does not start again by itself. Absent in every other plan. */
  readonly rejects?: {
    readonly release: Digest;
    /** Where the release was seen. Absent in logs of before. */
    readonly commit?: GitId | undefined;
    readonly rollout: RolloutId;
    readonly text: string;
  };
}

/** What one cluster gets from a rollout. */
export type RolloutTarget =
  | { readonly kind: 'variant'; readonly digest: Digest }
  | { readonly kind: 'removal'; readonly mode: RemovalMode };

/** The clusters that start together. */
export interface PlannedWave {
  readonly stage: number;
  readonly clusters: readonly ClusterUid[];
  /** Its clusters could not be reached when the plan was made: the wave comes last and waits for nobody. */
  readonly isAway: boolean;
}

/** Starts a wave: this event makes the rows of its clusters; their version's seq is the event's sequence. */
export interface WaveOpened {
  readonly kind: 'wave-opened';
  readonly rollout: RolloutId;
  readonly stage: number;
  /** Index into RolloutPlanned.waves; counts from 0. */
  readonly wave: number;
  /**
   * Clusters whose rows this event makes. Those of the planned wave that are neither here nor in `deferred` wait for their
   * turn: for a change window, or for the fleet's cap on clusters that change at once.
   */
  readonly clusters: readonly ClusterUid[];
  /** Clusters of the planned wave that get no row now, with the reason; they follow when it is gone. */
  readonly deferred: { readonly [uid: string]: DeferReason };
}

/** Starts more clusters of the wave that is open: what they waited for is there. Members as in `WaveOpened`. */
export interface ClustersStarted extends Omit<WaveOpened, 'kind'> {
  readonly kind: 'clusters-started';
}

/**
 * Why a cluster whose wave opened gets no row yet (`offline`, `cordoned`, `dependency`), or none at all: it is no longer a target
 * (`unmatched`; in a withdraw `rematched`), its registration is gone (`removed`), or a person left it out (`skipped`; in a withdraw its silence, which a person had seen).
 */
export type DeferReason =
  | 'offline'
  | 'cordoned'
  | 'dependency'
  | 'unmatched'
  | 'rematched'
  | 'removed'
  | 'skipped';

/** Makes rows outside a planned wave: for clusters that joined, or came back after their wave had opened. */
export interface ClustersAdmitted {
  readonly kind: 'clusters-admitted';
  readonly rollout: RolloutId;
  /**
   * `returned`: the plan's own target. `joined-candidate`: the rollout's release, its stage being complete.
   * `joined-stable`: the stable release while the rollout's own is not proven; the cluster does not count in it.
   */
  readonly basis: 'returned' | 'joined-candidate' | 'joined-stable';
  readonly targets: { readonly [uid: string]: RolloutTarget };
  /** Variants of `targets` that the plan does not hold. */
  readonly variants: { readonly [digest: string]: Variant };
}

/** Why a cluster of a rollout counts as failed. */
export type FailureKind =
  | 'apply'
  | 'health'
  | 'deadline'
  | 'lost'
  | 'conflict'
  | 'check'
  | 'rejected'
  | 'prune-held'
  | 'regression';

/** Where a placement stands in the log: what `expectedSeq` of the next append must be. */
export interface PlacementPosition {
  readonly placement: PlacementName;
  readonly lastSeq: number;
}
