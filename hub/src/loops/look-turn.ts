import type { PlacementName } from '@flotilla/shared/base';
import { type DueDecision, overdueMs, stillDue } from '../core/index.ts';
import type { LookLease } from './lease.ts';

/** Whose turn it is to append what is due: that of the process with the lease, unless it has not done so for too long. */
export class LookTurn {
  readonly #lease: Pick<LookLease, 'leavesItForMs'> | undefined;
  readonly #due = new Map<PlacementName, DueDecision>();

  constructor(lease: Pick<LookLease, 'leavesItForMs'> | undefined) {
    this.#lease = lease;
  }

  /** Until when to leave what is due to another process, wall clock milliseconds; undefined = nothing is left to it. */
  leftUntilMs(
    name: PlacementName,
    look: { readonly isDue: boolean; readonly lastSeq: number },
    nowMs: number,
  ): number | undefined {
    const leavesForMs = this.#lease?.leavesItForMs() ?? 0;
    if (!look.isDue || leavesForMs === 0) {
      this.#due.delete(name);
      return undefined;
    }
    const due = stillDue(this.#due.get(name), look.lastSeq, nowMs);
    this.#due.set(name, due);
    const overdueAtMs = due.sinceMs + overdueMs;
    return nowMs >= overdueAtMs ? undefined : Math.min(overdueAtMs, nowMs + leavesForMs);
  }
}
