import type { Digest, GitId, PlacementName } from '../base/index.ts';
import type { GitMistake } from './api-items.ts';
import type { CommitInfo } from './assignment.ts';
import type { RolloutKind } from './decision.ts';
import type { Reasoned } from './state.ts';

/** What a state of Git would do, before it is in force: `flotilla plan`. The same inputs give the same bytes. */
export interface PlanPreview {
  /** Digest of all that went in and all that came out. */
  readonly id: Digest;
  /** What is compared with. */
  readonly before: PlanPoint;
  /** What would come into force. */
  readonly after: PlanPoint;
  /** Placements that differ or that would move, sorted by name. */
  readonly placements: readonly PlacementPlan[];
  /** Placements that stay as they are. */
  readonly unchanged: number;
  /** Files of the new state that would not come into force. */
  readonly errors: readonly GitMistake[];
  /** What a person would be asked for before the state as a whole comes into force. */
  readonly approvals: readonly Reasoned[];
  /** Placements that would take the same content to the same clusters, in the new state. */
  readonly conflicts: readonly PlanConflict[];
  /** What nobody has looked at, and what was taken for it. */
  readonly assumptions: readonly string[];
}

/** A state of the control repository. */
export interface PlanPoint {
  /** Undefined for a working tree. */
  readonly commit: CommitInfo | undefined;
  /** Undefined where only what is in force is known, which may be of several commits. */
  readonly treeId: GitId | undefined;
}

/** Names of clusters: how many, and the first of them in order. */
export interface ClusterNames {
  readonly count: number;
  readonly names: readonly string[];
}

/** What one placement would do. */
export interface PlacementPlan {
  readonly placement: PlacementName;
  /** `FILE:LINE` in the new state; undefined when it is not there any more. */
  readonly definedAt: string | undefined;
  readonly change: 'added' | 'removed' | 'changed' | 'same';
  readonly added: ClusterNames;
  readonly removed: ClusterNames;
  readonly changed: ClusterNames;
  readonly unchanged: number;
  /** Clusters that cannot get it, by reason. */
  readonly blocked: readonly { readonly reason: Reasoned; readonly clusters: ClusterNames }[];
  /** Why it would keep its last state; empty = it can be placed. */
  readonly unresolved: readonly Reasoned[];
  /** What changes on clusters, those of equal digests together. */
  readonly variants: readonly VariantChange[];
  /** What would begin at once. */
  readonly rollouts: readonly PlannedRollout[];
  /** What a person would be asked for, before anything begins or between stages. */
  readonly approvals: readonly Reasoned[];
  /** What it would wait for otherwise. */
  readonly waits: readonly Reasoned[];
}

/** One step from a variant to another, and who makes it. */
export interface VariantChange {
  /** Undefined for clusters that do not have it now. */
  readonly before: Digest | undefined;
  /** Undefined for clusters that would not have it any more. */
  readonly after: Digest | undefined;
  readonly clusters: ClusterNames;
  /** Parts of the variant that differ: `content`, `render.namespace` and so on; empty for who joins or leaves. */
  readonly parts: readonly string[];
  /** Files that differ below the paths that are rendered, sorted; only for who has it before and after. */
  readonly files: readonly PlannedFile[];
  /** Files that were left out. */
  readonly moreFiles: number;
}

/** A file that differs. */
export interface PlannedFile {
  readonly path: string;
  readonly before: GitId | undefined;
  readonly after: GitId | undefined;
}

/** One rollout that would begin. */
export interface PlannedRollout {
  readonly kind: RolloutKind;
  readonly strategy: string;
  readonly clusters: number;
  readonly waves: readonly {
    readonly stage: string;
    readonly clusters: ClusterNames;
    /** Its clusters could not begin now: it comes last, and nobody waits for it. */
    readonly isAway: boolean;
    readonly soakMs: number;
  }[];
  /** Change windows that are closed now for some of its clusters. */
  readonly windows: readonly { readonly text: string; readonly clusters: ClusterNames }[];
  /**
   * From the first row to the end. At least: all soaks. At most: for each wave its deadline and its soak, and for each
   * stage the timeouts of its webhooks. Approvals, windows, the fleet's cap and clusters that are away are not in it.
   */
  readonly duration: { readonly atLeastMs: number; readonly atMostMs: number };
}

/** Placements that would take the same path, rendered alike, to the same clusters. */
export interface PlanConflict {
  readonly placements: readonly PlacementName[];
  readonly path: string;
  readonly clusters: ClusterNames;
}
