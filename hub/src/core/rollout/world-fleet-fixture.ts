import type { BudgetDecision } from '@flotilla/shared/model';
import {
  type BudgetView,
  type ChangingCaps,
  emptyBudget,
  type FleetBudget,
  foldBudget,
} from '../budget/index.ts';
import type { ClosedWindow } from '../window/index.ts';
import type { RolloutEvidence } from './evidence.ts';
import type { WorldCluster } from './world-cluster-fixture.ts';

/** What a world says of the fleet as a whole: who is changing, and which windows are closed. */
export class WorldFleet {
  budget: FleetBudget = emptyBudget;
  caps: ChangingCaps | undefined = { max: 10_000, perClusterMax: 10_000 };
  /** Tokens of other placements whose clusters have ended changing. */
  isOver: BudgetView['isOver'] = () => false;
  /** Names of clusters on which no change may begin now, and why. */
  readonly closed = new Map<string, ClosedWindow>();

  /** The closed windows do not hold what is urgent. */
  exemptsUrgent = false;

  /** From now on changes may begin on all clusters but these. */
  close(names: readonly string[], exemptsUrgent = false): void {
    this.closed.clear();
    this.exemptsUrgent = exemptsUrgent;
    for (const name of names)
      this.closed.set(name, { text: 'window night until later', opensAtMs: undefined });
  }

  /** Nothing of the fleet holds anybody any more. */
  free(): void {
    this.closed.clear();
    this.caps = { max: 10_000, perClusterMax: 10_000 };
  }

  /** Takes what a decision wrote into the budget. */
  take(tokens: BudgetDecision | undefined): void {
    if (tokens === undefined) return;
    this.budget = foldBudget(this.budget, { seq: this.budget.lastSeq + 1, payload: tokens });
  }

  /** The parts of evidence that are of the fleet. */
  evidence(clusters: ReadonlyMap<string, WorldCluster>): Pick<RolloutEvidence, 'budget' | 'closedFor'> {
    const { budget, caps, isOver } = this;
    return {
      budget: { budget, caps, isOver },
      closedFor: (uid, kind) =>
        kind === 'urgent' && this.exemptsUrgent
          ? undefined
          : this.closed.get(clusters.get(uid)?.cluster.name ?? ''),
    };
  }
}
