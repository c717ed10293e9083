import type { ClusterUid } from '@flotilla/shared/base';
import type { BudgetDecision, DeferReason, Reasoned } from '@flotilla/shared/model';
import { changingCount, takeTokens } from '../budget/index.ts';
import type { HeldClusters } from './decide.ts';
import { isStillTarget } from './judge-cluster.ts';
import type { RolloutMoment } from './moment.ts';
import type { Rollout } from './state.ts';
import { isUrgent } from './urgent.ts';

/** Who of some clusters may get a row now. Every cluster is in exactly one of the first three. */
export interface Starts {
  readonly clusters: readonly ClusterUid[];
  /** Get none now, and nobody waits for them. */
  readonly deferred: { readonly [uid: string]: DeferReason };
  /** Get theirs when their window is open or others have ended changing; the rollout waits for them. */
  readonly held: HeldClusters;
  /** To be stored together with the decision that starts `clusters`; undefined when there are none. */
  readonly tokens: BudgetDecision | undefined;
  /** What the held ones wait for. */
  readonly notes: readonly Reasoned[];
  /** When the first of their windows opens. */
  readonly wakeAtMs: number | undefined;
}

/**
 * Divides clusters that are to start into those that may, in order, those that cannot be reached or are no targets any
 * more, and those that wait for a change window (R16, I10) or for the fleet's cap (R17, I2). A rollback waits for neither.
 * Of more than `room` that may start only the first ones do; default: all.
 */
export function startsOf(
  moment: RolloutMoment,
  uids: readonly ClusterUid[],
  room: number = Number.POSITIVE_INFINITY,
): Starts {
  const { evidence, rollout, state } = moment;
  const isExempt = rollout.plan.rolloutKind === 'rollback';
  const kind = isUrgent(state, rollout) ? 'urgent' : 'normal';
  const deferred: { [uid: string]: DeferReason } = {};
  const ready: ClusterUid[] = [];
  const closed: Closed[] = [];
  for (const uid of uids) {
    const why = whyNot(moment, uid);
    const window = why === undefined && !isExempt ? evidence.closedFor(uid, kind) : undefined;
    if (why !== undefined) deferred[uid] = why;
    else if (window !== undefined) closed.push({ uid, ...window });
    else ready.push(uid);
  }
  const { placement } = state;
  const taken = takeTokens(evidence.budget, {
    placement,
    rollout: rollout.id,
    clusters: ready.slice(0, room),
    isExempt,
  });
  const opensAtMs = closed.map((one) => one.opensAtMs).filter((ms) => ms !== undefined);
  return {
    clusters: taken.granted,
    deferred,
    held: new Map([
      ...closed.map((one): [ClusterUid, Reasoned] => [one.uid, windowNote(rollout, one)]),
      ...taken.held.map((uid): [ClusterUid, Reasoned] => [uid, budgetNote(moment)]),
    ]),
    tokens: taken.decision,
    notes: [
      ...windowNotes(rollout, closed),
      ...(taken.held.length > 0 ? [budgetNote(moment, taken.held.length)] : []),
    ],
    wakeAtMs: opensAtMs.length === 0 ? undefined : Math.min(...opensAtMs),
  };
}

/** Why a cluster gets no row now; undefined = it may start. */
function whyNot(moment: RolloutMoment, uid: ClusterUid): DeferReason | undefined {
  const { rollout, evidence } = moment;
  const one = evidence.clusterOf(uid);
  if (one === undefined) return 'removed';
  const phase = rollout.clusters.get(uid)?.phase;
  if (phase?.kind === 'deferred' && phase.reason === 'skipped') return 'skipped';
  const isRemoval = rollout.plan.rolloutKind === 'withdraw';
  if (!isStillTarget(rollout, evidence, uid)) return isRemoval ? 'rematched' : 'unmatched';
  if (one.cluster.isCordoned && !isRemoval) return 'cordoned';
  if (one.presence !== 'connected') return 'offline';
  if (isRemoval && one.handOver !== undefined) return 'dependency';
  // A rollback repairs; what it depends on may be broken by the very thing that is taken back.
  const isBound = rollout.plan.rolloutKind !== 'rollback' && !isRemoval;
  return one.waitsFor !== undefined && isBound ? 'dependency' : undefined;
}

interface Closed {
  readonly uid: ClusterUid;
  readonly text: string;
  readonly opensAtMs: number | undefined;
}

/** One note for each reason, those of the most clusters first. */
function windowNotes(rollout: Rollout, closed: readonly Closed[]): readonly Reasoned[] {
  return [...Map.groupBy(closed, (one) => one.text).values()]
    .sort((left, right) => right.length - left.length)
    .flatMap(([first, ...others]) => (first ? [windowNote(rollout, first, 1 + others.length)] : []));
}

function windowNote({ id }: Rollout, { text }: Closed, count?: number): Reasoned {
  return { code: 'WindowClosed', text: `${waitsText(count)} for ${text}`, subject: id };
}

function budgetNote({ evidence, rollout }: RolloutMoment, count?: number): Reasoned {
  const { budget, caps } = evidence.budget;
  const text =
    caps === undefined
      ? "the fleet's policy is not known to this hub process yet"
      : `${waitsText(count)} for the fleet budget: ${changingCount(budget)} of at most ${caps.max} are changing, at most ${caps.perClusterMax} placements on one cluster`;
  return { code: 'FleetBudget', text, subject: rollout.id };
}

/** Of so many clusters; undefined = of the one that the reason is about. */
function waitsText(count: number | undefined): string {
  if (count === undefined) return 'waits';
  return count === 1 ? '1 cluster waits' : `${count} clusters wait`;
}
