import type { ClusterUid, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { BudgetDecision, BudgetShare } from '@flotilla/shared/model';

/** Which clusters are changing, as the budget's subject of the log says; folded from it alone. */
export interface FleetBudget {
  /** What the next append to the subject must expect; 0 = nothing in the log. */
  readonly lastSeq: number;
  /** Clusters that each rollout holds a token for. */
  readonly held: ReadonlyMap<RolloutId, HeldTokens>;
  /** For how many rollouts each cluster changes; none is at 0. */
  readonly changing: ReadonlyMap<ClusterUid, number>;
}

/** The tokens of one rollout. */
export interface HeldTokens {
  readonly placement: PlacementName;
  readonly clusters: ReadonlySet<ClusterUid>;
}

/** Caps of the fleet policy, in whole numbers. */
export interface ChangingCaps {
  /** So many clusters may change at once, over all placements. At least 1. */
  readonly max: number;
  /** So many placements may change one cluster at once. At least 1. */
  readonly perClusterMax: number;
}

/** The budget before anything took from it. */
export const emptyBudget: FleetBudget = { lastSeq: 0, held: new Map(), changing: new Map() };

/**
 * Takes one event of the budget's subject. One that was folded already changes nothing; a token that is taken twice or
 * freed twice counts once.
 */
export function foldBudget(
  budget: FleetBudget,
  stored: { readonly seq: number; readonly payload: BudgetDecision },
): FleetBudget {
  if (stored.seq <= budget.lastSeq) return budget;
  const held = new Map(budget.held);
  const changing = new Map(budget.changing);
  for (const share of stored.payload.frees) free(held, changing, share);
  take(held, changing, stored.payload.takes);
  return { lastSeq: stored.seq, held, changing };
}

/** Clusters that change now for at least one rollout. */
export function changingCount({ changing }: FleetBudget): number {
  return changing.size;
}

function take(
  held: Map<RolloutId, HeldTokens>,
  changing: Map<ClusterUid, number>,
  { clusters, placement, rollout }: BudgetShare,
): void {
  const before = held.get(rollout)?.clusters ?? new Set<ClusterUid>();
  const after = new Set(before);
  for (const uid of clusters) {
    if (after.has(uid)) continue;
    after.add(uid);
    changing.set(uid, (changing.get(uid) ?? 0) + 1);
  }
  if (after.size > 0) held.set(rollout, { placement, clusters: after });
}

function free(
  held: Map<RolloutId, HeldTokens>,
  changing: Map<ClusterUid, number>,
  { clusters, placement, rollout }: BudgetShare,
): void {
  const before = held.get(rollout)?.clusters ?? new Set<ClusterUid>();
  const after = new Set(before);
  for (const uid of clusters) {
    if (!after.delete(uid)) continue;
    const count = (changing.get(uid) ?? 1) - 1;
    if (count === 0) changing.delete(uid);
    else changing.set(uid, count);
  }
  if (after.size === 0) held.delete(rollout);
  else held.set(rollout, { placement, clusters: after });
}
