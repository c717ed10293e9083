import type { ClusterUid, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { BudgetDecision, BudgetShare } from '@flotilla/shared/model';
import { type ChangingCaps, type FleetBudget, foldBudget } from './fleet-budget.ts';

/** One cluster that a rollout holds a token for. */
export interface Token {
  readonly placement: PlacementName;
  readonly rollout: RolloutId;
  readonly cluster: ClusterUid;
}

/** The budget as somebody who wants to start clusters sees it. */
export interface BudgetView {
  readonly budget: FleetBudget;
  /** Undefined = the fleet's policy is not known yet: only a rollback may start. */
  readonly caps: ChangingCaps | undefined;
  /** Whether a cluster has ended changing for a rollout: proven, failed, lost, or given something else since. */
  readonly isOver: (token: Token) => boolean;
}

/** Who may start, and what to write for it. */
export interface Taken {
  /** In the order that was asked for. */
  readonly granted: readonly ClusterUid[];
  readonly held: readonly ClusterUid[];
  /** Undefined when nobody was granted. */
  readonly decision: BudgetDecision | undefined;
}

/** Which clusters are to start, in order, and for whom. */
export interface TokensWanted {
  readonly placement: PlacementName;
  readonly rollout: RolloutId;
  readonly clusters: readonly ClusterUid[];
  /** Not held by the caps: a rollback. */
  readonly isExempt: boolean;
}

/**
 * Takes tokens for clusters, in order, as far as the caps leave room. What a cluster gets takes the place of what the same
 * placement was doing there. Tokens of rollouts whose clusters have ended changing are freed by whoever needs room, and some of
 * the oldest ones by whoever finds enough: so freeing costs no decision of its own. A rollback takes tokens, but is never held
 * by the caps (rollout design, R17).
 */
export function takeTokens(view: BudgetView, wanted: TokensWanted): Taken {
  const { clusters, isExempt, placement, rollout } = wanted;
  const own = overShares(view, (share) => share.placement === placement);
  const before = freed(view.budget, own);
  const first = grant(before, view.caps, wanted);
  // Who counts already costs no room, though what counts it may be over long since: there must be room for all who count.
  const hasRoom = first.held.length === 0 && before.changing.size <= (view.caps?.max ?? 0);
  const isEnough = isExempt || view.caps === undefined || hasRoom;
  const over = isEnough
    ? [...own, ...overShares(view, (share) => share.placement !== placement, askedPerTaken * clusters.length)]
    : overShares(view, () => true);
  const left = freed(view.budget, over);
  const taken = isEnough ? first : grant(left, view.caps, wanted);
  if (taken.granted.length === 0) return { granted: [], held: clusters, decision: undefined };
  const { max, perClusterMax } = view.caps ?? noCaps;
  const takes: BudgetShare = { placement, rollout, clusters: taken.granted };
  const frees = [...over, ...replaced(left, takes)];
  return { ...taken, decision: { kind: 'budget-changed', takes, frees, max, perClusterMax } };
}

/** What stands in the log where no policy was known: nobody but a rollback started under it. */
const noCaps: ChangingCaps = { max: 0, perClusterMax: 0 };

/** So many tokens of others are asked about for each that is wanted: more go than come, and no look asks about a whole fleet. */
const askedPerTaken = 2;

/** Tokens that are over, the oldest rollouts first; no more are asked about once there were `tokensMax`. */
function overShares(
  { budget, isOver }: BudgetView,
  isAsked: (share: { readonly placement: PlacementName }) => boolean,
  tokensMax: number = Number.POSITIVE_INFINITY,
): readonly BudgetShare[] {
  const shares: BudgetShare[] = [];
  let asked = 0;
  for (const [rollout, { clusters, placement }] of budget.held) {
    if (asked >= tokensMax) break;
    if (!isAsked({ placement })) continue;
    asked += clusters.size;
    const over = [...clusters].filter((cluster) => isOver({ placement, rollout, cluster }));
    if (over.length > 0) shares.push({ placement, rollout, clusters: over });
  }
  return shares;
}

function freed(budget: FleetBudget, frees: readonly BudgetShare[]): FleetBudget {
  const [first] = frees;
  if (first === undefined) return budget;
  const payload = {
    kind: 'budget-changed',
    takes: { ...first, clusters: [] },
    frees,
    max: 0,
    perClusterMax: 0,
  } as const;
  return foldBudget(budget, { seq: budget.lastSeq + 1, payload });
}

function grant(
  { changing, held }: FleetBudget,
  caps: ChangingCaps | undefined,
  wanted: TokensWanted,
): { readonly granted: readonly ClusterUid[]; readonly held: readonly ClusterUid[] } {
  const own = ownTokens(held, wanted.placement);
  const granted: ClusterUid[] = [];
  const refused: ClusterUid[] = [];
  let count = changing.size;
  for (const uid of wanted.clusters) {
    const all = changing.get(uid) ?? 0;
    const others = all - (own.get(uid) ?? 0);
    const isFree = wanted.isExempt || fits({ others, count, isChanging: all > 0 }, caps);
    (isFree ? granted : refused).push(uid);
    if (isFree && all === 0) count += 1;
  }
  return { granted, held: refused };
}

function ownTokens(held: FleetBudget['held'], placement: PlacementName): ReadonlyMap<ClusterUid, number> {
  const own = new Map<ClusterUid, number>();
  for (const tokens of held.values()) {
    if (tokens.placement !== placement) continue;
    for (const uid of tokens.clusters) own.set(uid, (own.get(uid) ?? 0) + 1);
  }
  return own;
}

/** Tokens of older rollouts of the same placement on the clusters that now get something newer. */
function replaced({ held }: FleetBudget, takes: BudgetShare): readonly BudgetShare[] {
  const shares: BudgetShare[] = [];
  for (const [rollout, tokens] of held) {
    if (tokens.placement !== takes.placement || rollout === takes.rollout) continue;
    const clusters = takes.clusters.filter((uid) => tokens.clusters.has(uid));
    if (clusters.length > 0) shares.push({ placement: tokens.placement, rollout, clusters });
  }
  return shares;
}

/** Whether a cluster on which `others` placements act may change too, while `count` clusters of the fleet change. */
function fits(
  now: { readonly others: number; readonly count: number; readonly isChanging: boolean },
  caps: ChangingCaps | undefined,
): boolean {
  if (caps === undefined || now.others >= caps.perClusterMax) return false;
  return now.isChanging || now.count < caps.max;
}
