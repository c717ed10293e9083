import type { PlacementName } from '@flotilla/shared/base';
import { limits } from '@flotilla/shared/base';
import type { AssignmentReport, Row } from '@flotilla/shared/model';
import { compareVersions, noCounts, noDrift, noTimings } from '@flotilla/shared/model';
import type { HeldRows } from '../held-rows.ts';
import { type AssignmentMemory, newMemory } from './assignment-memory.ts';
import { preemptLook } from './reconcile.ts';

/** The memories of all held rows. */
export class HeldMemories {
  readonly memories: ReadonlyMap<PlacementName, AssignmentMemory>;
  readonly #memories = new Map<PlacementName, AssignmentMemory>();
  readonly #acceptedAtMs = new Map<PlacementName, number>();
  readonly #heldRows: HeldRows;
  readonly #nowMs: () => number;

  constructor(heldRows: HeldRows, nowMs: () => number) {
    this.memories = this.#memories;
    this.#heldRows = heldRows;
    this.#nowMs = nowMs;
  }

  all(): readonly AssignmentMemory[] {
    return [...this.#memories.values()];
  }

  get(placement: PlacementName): AssignmentMemory | undefined {
    return this.#memories.get(placement);
  }

  /** Monotonic time at which the newest row was accepted; undefined = before the start. */
  acceptedAtMs(placement: PlacementName): number | undefined {
    return this.#acceptedAtMs.get(placement);
  }

  /** Notes when a row came, and ends what waits for the one before. */
  rowChanged(placement: PlacementName): void {
    this.#acceptedAtMs.set(placement, this.#nowMs());
    preemptLook(this.#memories.get(placement));
  }

  /** The memory of a held row, made when it is new; undefined, and forgotten, when the row is not held any more. */
  adopt(placement: PlacementName): AssignmentMemory | undefined {
    const row = this.#heldRows.get(placement);
    if (row === undefined) {
      this.#memories.delete(placement);
      this.#acceptedAtMs.delete(placement);
      return undefined;
    }
    const known = this.#memories.get(placement);
    if (known !== undefined) return known;
    const memory = newMemory(row, this.#acceptedAtMs.get(placement) ?? this.#nowMs());
    this.#memories.set(placement, memory);
    return memory;
  }

  /** What is labelled as ours without having been applied by us, as one text; '' = nothing. */
  orphans(): string {
    const all = this.all().flatMap((memory) => memory.orphans.map((one) => `${one} (${memory.placement})`));
    const shown = all.slice(0, limits.failingObjectsMax).join(', ');
    return all.length > limits.failingObjectsMax
      ? `${shown} and ${all.length - limits.failingObjectsMax} more`
      : shown;
  }

  /** One report for every held row, sorted by placement. */
  reports(): readonly AssignmentReport[] {
    return this.#heldRows.all().map((row) => {
      const report = this.#memories.get(row.placement)?.report;
      return report !== undefined && compareVersions(report.version, row.version) === 0
        ? aged(report, this.#memories.get(row.placement), this.#nowMs())
        : untriedReport(row);
    });
  }
}

/** How long it has been healthy goes on without anybody looking. */
function aged(
  report: AssignmentReport,
  memory: AssignmentMemory | undefined,
  nowMs: number,
): AssignmentReport {
  if (report.state !== 'Ready' || memory?.readiness.readySinceMs === undefined) return report;
  return { ...report, healthyForMs: Math.floor(nowMs - memory.readiness.readySinceMs) };
}

/** What is said of a row that was not looked at yet. */
function untriedReport(row: Row): AssignmentReport {
  const isRemoval = row.kind === 'removal';
  return {
    placement: row.placement,
    version: row.version,
    variantDigest: isRemoval ? undefined : row.variant.digest,
    state: isRemoval ? 'Removing' : 'Progressing',
    phase: 'queued',
    reason: isRemoval ? '' : 'Progressing',
    text: '',
    healthyForMs: 0,
    counts: noCounts,
    failing: [],
    drift: noDrift,
    deadlinePassed: false,
    timings: noTimings,
    appliedCommit: undefined,
    appliedVariantDigest: undefined,
    heldPrune: undefined,
    reverted: false,
  };
}
