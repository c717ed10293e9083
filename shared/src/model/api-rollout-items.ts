import type { Digest, PlacementName, RolloutId } from '../base/index.ts';
import type { ApiItem } from './api-item.ts';
import type { Cause, CommitInfo } from './assignment.ts';
import type { Actor, RolloutKind } from './decision.ts';
import type { RolloutCounts } from './rollout-counts.ts';
import type { Reasoned } from './state.ts';

/** A release, for people. */
export interface ReleaseSummary {
  readonly digest: Digest;
  readonly commit: CommitInfo;
}

/** A rollout that has not ended, in a line. */
export interface RolloutSummary {
  readonly id: RolloutId;
  readonly kind: RolloutKind;
  readonly state: RolloutShownState;
  readonly stage: string;
  /** Waves passed and planned. */
  readonly wavesPassed: number;
  readonly waves: number;
}

/** States of a rollout (rollout design, "States"). */
export type RolloutShownState =
  | 'Pending'
  | 'Planned'
  | 'Progressing'
  | 'Soaking'
  | 'Gated'
  | 'Halted'
  | 'Succeeded'
  | 'Superseded'
  | 'Cancelled';

/** A release that does not start by itself. */
export interface StoppedRelease {
  /** rejected = it was rolled back; aborted = who has it keeps it, nobody else gets it. */
  readonly kind: 'rejected' | 'aborted';
  /** The rollout that was undone or aborted. */
  readonly rollout: RolloutId;
  readonly by: Actor;
  /** Why. */
  readonly text: string;
  readonly sinceMs: number;
}

/** `flotilla get rollouts`; metadata.name is the rollout's id. Ended ones are kept in history. */
export type RolloutItem = ApiItem<'Rollout', RolloutItemSpec, RolloutItemStatus>;

/** The frozen plan, as far as lists show it. */
export interface RolloutItemSpec {
  readonly placement: PlacementName;
  readonly kind: RolloutKind;
  readonly release: ReleaseSummary | undefined;
  readonly strategy: string;
  readonly cause: Cause | undefined;
  /** Empty once it has ended. */
  readonly waves: readonly WaveItem[];
}

/** One planned wave and how far it is. */
export interface WaveItem {
  readonly stage: string;
  readonly clusters: number;
  readonly ready: number;
  readonly failed: number;
  readonly deferred: number;
  readonly soakMs: number;
  /** passed = its clusters are proven, failed within budget or deferred; open = they have their rows; waiting = not yet. */
  readonly state: 'passed' | 'open' | 'waiting';
}

/** Where it stands. */
export interface RolloutItemStatus {
  readonly state: RolloutShownState;
  readonly reason: Reasoned | undefined;
  readonly stage: string;
  readonly counts: RolloutCounts;
  readonly plannedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** Who planned it or, once it has ended, who ended it. */
  readonly by: Actor;
  readonly isPaused: boolean;
  /** Somebody called it urgent: windows that exempt that do not hold it, and it soaks less. */
  readonly isUrgent: boolean;
  /** Last sequence of the placement's decisions: what an operation may expect. */
  readonly lastSeq: number;
}
