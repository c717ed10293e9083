import type { Digest, GitId, PlacementName } from '../base/index.ts';
import type { RowVersion } from './assignment.ts';
import type { AgentState, AssignmentPhase } from './state.ts';

/** What an agent says about its assignments: one document for each cluster, the last value wins. */
export interface Report {
  /** Grows when the agent's store begins anew. At least 1. */
  readonly incarnation: number;
  /** Grows by one for each report of an incarnation, from 1. */
  readonly seq: number;
  /** setDigest() of the held set. */
  readonly heldDigest: Digest;
  /** One for each held row, removals included, sorted by placement. */
  readonly assignments: readonly AssignmentReport[];
  readonly facts: Facts;
  /** Agent's wall clock; display only, never compared with the hub's. */
  readonly madeAtMs: number;
  /** What was left out to fit, for people. */
  readonly trimmed: readonly string[];
}

/** The state of one assignment on one cluster. */
export interface AssignmentReport {
  readonly placement: PlacementName;
  /** The newest accepted row; the entry speaks of it alone. */
  readonly version: RowVersion;
  /** Undefined for a removal row. */
  readonly variantDigest: Digest | undefined;
  readonly state: AgentState;
  /** Undefined unless Progressing or Removing. */
  readonly phase: AssignmentPhase | undefined;
  /** UpperCamelCase; '' when Ready. */
  readonly reason: string;
  readonly text: string;
  /** How long everything has been proven healthy without a break, monotonic; 0 = not healthy. */
  readonly healthyForMs: number;
  readonly counts: ObjectCounts;
  readonly failing: readonly FailingObject[];
  readonly drift: DriftSummary;
  readonly deadlinePassed: boolean;
  readonly timings: Timings;
  /** What is applied now; lags the row while progressing. */
  readonly appliedCommit: GitId | undefined;
  readonly appliedVariantDigest: Digest | undefined;
  readonly heldPrune: HeldPrune | undefined;
  /** This row was applied and then taken back by confirm. */
  readonly reverted: boolean;
}

/** Objects of one assignment, counted. */
export interface ObjectCounts {
  readonly total: number;
  readonly applied: number;
  readonly healthy: number;
  readonly failing: number;
  readonly pruning: number;
}

/** One object that is not well. */
export interface FailingObject {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
  /** fingerprintOf(reason, message, kind): equal causes share it. 16 hex characters. */
  readonly fingerprint: string;
  /** The placement that has the object, or the better claim to it, when that is why. Absent = it is not. */
  readonly ownedBy?: string | undefined;
}

/** Foreign changes found. */
export interface DriftSummary {
  /** Objects that differ now. */
  readonly objects: number;
  /** Corrections since the agent started. */
  readonly corrected: number;
  /** The newest one as text: object, fields, field manager; '' = none. */
  readonly latest: string;
  readonly fights: readonly string[];
}

/** Durations of the last reconcile in milliseconds; 0 = did not happen. */
export interface Timings {
  readonly fetchMs: number;
  readonly renderMs: number;
  readonly applyMs: number;
  readonly rowToAppliedMs: number;
  readonly rowToReadyMs: number;
}

/** Deletes that wait for a person. */
export interface HeldPrune {
  readonly listHash: Digest;
  readonly objects: readonly string[];
  readonly total: number;
  readonly reason: string;
}

/** What an agent knows about its cluster; selectable only as facts, never as labels. */
export interface Facts {
  readonly kubernetes: string;
  /** 0 = unknown. */
  readonly nodes: number;
  readonly agent: string;
  readonly isSimulated: boolean;
  readonly fetchRungs: { readonly [host: string]: string };
  readonly inventoryParent: string;
  readonly more: { readonly [name: string]: string };
}

/** Counts of nothing yet. */
export const noCounts: ObjectCounts = { total: 0, applied: 0, healthy: 0, failing: 0, pruning: 0 };
/** No foreign change seen. */
export const noDrift: DriftSummary = { objects: 0, corrected: 0, latest: '', fights: [] };
/** Nothing has been timed yet. */
export const noTimings: Timings = { fetchMs: 0, renderMs: 0, applyMs: 0, rowToAppliedMs: 0, rowToReadyMs: 0 };
