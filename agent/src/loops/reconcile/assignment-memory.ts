import type { PlacementName } from '@flotilla/shared/base';
import type { AssignmentPhase, AssignmentReport, HealthRule, Row, Timings } from '@flotilla/shared/model';
import { compareVersions, noTimings } from '@flotilla/shared/model';
import {
  type CompiledRule,
  type ContentRecord,
  emptyInventory,
  type FightBook,
  type Health,
  type LiveSight,
  newReadiness,
  noAttempts,
  noFights,
  type PlacedObject,
  type Placing,
  type Plan,
  type PlanMemory,
  type PodTrouble,
  type Readiness,
  type Trial,
  type Trouble,
} from '../../core/index.ts';
import { type CheckMemory, forgetAnswers, newCheckMemory } from './check-memory.ts';

/** Content that is kept up on the cluster: the row's own, or the last good one while the row's cannot be had. */
export interface HeldContent {
  /** The stored record; its objects are kept in memory only while some of them have no place yet. */
  readonly record: Omit<ContentRecord, 'objects'> & {
    readonly objects: ContentRecord['objects'] | undefined;
  };
  readonly placing: Placing;
  /** The placed objects by key. */
  readonly byKey: ReadonlyMap<string, PlacedObject>;
  /** Generation of the discovery that the placing rests on; -1 = it must be made anew. */
  readonly placedAtGeneration: number;
}

/** What the reconcile loop keeps of one assignment between two looks. All of it can be lost: journal and cluster remain. */
export interface AssignmentMemory {
  readonly placement: PlacementName;
  row: Row;
  /** Monotonic: when the row was accepted, or the program started. */
  rowSinceMs: number;
  /** Journal and stored content were read. */
  isLoaded: boolean;
  plans: PlanMemory;
  content: HeldContent | undefined;
  /** The store may hold the variant before. */
  hasPrevious: boolean;
  /** Why the row's own content is not there. */
  trouble: Trouble | undefined;
  /** The row's content was rendered, or was read and cannot be: its files have mistakes. */
  isContentKnown: boolean;
  phase: AssignmentPhase;
  /** The last plan for the row's own goal. */
  plan: Plan | undefined;
  health: Health | undefined;
  readonly checks: CheckMemory;
  /** The change that is on trial, or was taken back; undefined = none is. */
  trial: TrialMemory | undefined;
  /** Of the row, ready to be asked. */
  rules: readonly CompiledRule[];
  /** What they were made from. */
  ruleSource: readonly HealthRule[];
  /** What was looked up in this look, besides the watches. */
  readonly looked: Map<string, LiveSight>;
  /** Looks in a row that ended with a failure. */
  streak: number;
  /** Monotonic: failed attempts are not repeated before this. */
  retryAtMs: number;
  readiness: Readiness;
  /** At this row. */
  wasReady: boolean;
  /** The last report was made after the deadline. */
  isKnownLate: boolean;
  timings: Timings;
  applyStartedMs: number | undefined;
  fights: FightBook;
  drift: DriftMemory;
  /** Why workloads do not come up, by object key. */
  readonly troubles: Map<string, readonly PodTrouble[]>;
  probedAtMs: number;
  /** Labelled as members without having been applied by us: reported, never deleted. As text, bounded. */
  orphans: readonly string[];
  /** Workloads that an autoscaler outside the set scales, by key. */
  readonly autoscaled: Set<string>;
  /** metadata.generation of the parent, for observedGeneration. */
  parentGeneration: number | undefined;
  /** Stops waiting for content when a newer row comes. */
  preempt: AbortController | undefined;
  report: AssignmentReport | undefined;
}

/** What is kept of a change on trial. Times are monotonic. */
export interface TrialMemory {
  /** As this run took it up: its silence is that of earlier runs. */
  readonly trial: Trial;
  /** As it stands in the store. */
  stored: Trial;
  /** Since when this run watches it. */
  readonly sinceMs: number;
  /** When all of it was first seen applied in this run. */
  appliedAtMs: number | undefined;
  /** When it is judged again although nothing happens. */
  wakeAtMs: number | undefined;
}

/** Foreign changes as the report shows them. */
export interface DriftMemory {
  readonly corrected: number;
  readonly latest: string;
  /** Changes that are only reported and were explained already: fingerprint by key. */
  readonly explained: ReadonlyMap<string, string>;
}

/** The memory of a row that was never looked at. */
export function newMemory(row: Row, rowSinceMs: number): AssignmentMemory {
  return {
    placement: row.placement,
    row,
    rowSinceMs,
    isLoaded: false,
    plans: { inventory: emptyInventory, persisted: emptyInventory, attempts: noAttempts },
    content: undefined,
    hasPrevious: false,
    trouble: undefined,
    isContentKnown: false,
    phase: 'queued',
    plan: undefined,
    health: undefined,
    checks: newCheckMemory(row),
    trial: undefined,
    rules: [],
    ruleSource: [],
    looked: new Map(),
    streak: 0,
    retryAtMs: 0,
    readiness: newReadiness(rowSinceMs),
    wasReady: false,
    isKnownLate: false,
    timings: noTimings,
    applyStartedMs: undefined,
    fights: noFights,
    drift: { corrected: 0, latest: '', explained: new Map() },
    troubles: new Map(),
    probedAtMs: Number.NEGATIVE_INFINITY,
    orphans: [],
    autoscaled: new Set(),
    parentGeneration: undefined,
    preempt: undefined,
    report: undefined,
  };
}

/** Takes a row over; a newer one begins anew: nothing that failed before counts, nothing that was Ready before does. */
export function adoptRow(memory: AssignmentMemory, row: Row, sinceMs: number): void {
  const isNewer = compareVersions(row.version, memory.row.version) !== 0;
  memory.row = row;
  if (!isNewer) return;
  memory.rowSinceMs = sinceMs;
  memory.trouble = undefined;
  memory.isContentKnown = false;
  memory.plan = undefined;
  memory.health = undefined;
  forgetAnswers(memory.checks, row);
  memory.phase = 'queued';
  memory.readiness = newReadiness(sinceMs);
  memory.wasReady = false;
  memory.timings = noTimings;
  memory.applyStartedMs = undefined;
  clearAttempts(memory);
  memory.streak = 0;
}

/** Everything may be tried again. */
export function clearAttempts(memory: AssignmentMemory): void {
  memory.plans = { ...memory.plans, attempts: noAttempts };
  memory.retryAtMs = 0;
}

/** Whether what is kept up is the row's own content. */
export function hasRowContent(memory: AssignmentMemory): boolean {
  const { row, content } = memory;
  return row.kind === 'assignment' && content?.record.variantDigest === row.variant.digest;
}

/** Has the held content placed anew at the next occasion. */
export function displaceContent(memory: AssignmentMemory): void {
  if (memory.content !== undefined) memory.content = { ...memory.content, placedAtGeneration: -1 };
}
