import type { AssignmentReport, Row } from '@flotilla/shared/model';
import { memberOf, noCounts, noDrift, noTimings } from '@flotilla/shared/model';

/** How far a cluster is with one row. Times are monotonic milliseconds of the agent. */
export interface Workload {
  readonly row: Row;
  readonly state: 'Progressing' | 'Ready' | 'Degraded' | 'Removing' | 'Removed';
  /** Since when everything has been healthy. */
  readonly healthySinceMs: number | undefined;
  readonly deadlinePassed: boolean;
}

/** A row that has just been taken, or is looked at again after a restart. */
export function begun(row: Row): Workload {
  const state = row.kind === 'removal' ? 'Removing' : 'Progressing';
  return { row, state, healthySinceMs: undefined, deadlinePassed: false };
}

/** How long a row's content must be healthy. */
export function soakOf(row: Row): number {
  return row.kind === 'removal' ? 0 : row.variant.health.soakMs;
}

/** What an agent says of it. */
export function reportOf(
  { deadlinePassed, healthySinceMs, row, state }: Workload,
  nowMs: number,
): AssignmentReport {
  const { placement, variantDigest, version } = memberOf(row);
  const isVariant = row.kind === 'assignment';
  const isWell = state === 'Ready' || state === 'Removed';
  const isApplied = isVariant && (state === 'Ready' || state === 'Degraded');
  return {
    placement,
    version,
    variantDigest: isVariant ? variantDigest : undefined,
    state,
    phase: undefined,
    reason: isWell ? '' : 'Simulated',
    text: isWell ? '' : 'as the simulation wants it',
    healthyForMs: healthySinceMs === undefined ? 0 : nowMs - healthySinceMs,
    counts: noCounts,
    failing: [],
    drift: noDrift,
    deadlinePassed,
    timings: noTimings,
    appliedCommit: undefined,
    appliedVariantDigest: isApplied ? variantDigest : undefined,
    heldPrune: undefined,
    reverted: false,
  };
}
