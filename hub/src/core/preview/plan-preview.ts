import { digestOf, type Json, type PlacementName } from '@flotilla/shared/base';
import type { PlacementPlan, PlanPoint, PlanPreview } from '@flotilla/shared/model';
import { compareLocated } from '../fleet-spec/index.ts';
import type { DesiredPlacement } from '../rollout/index.ts';
import { clusterNames, type NameOf } from './cluster-names.ts';
import { conflictsOf } from './plan-conflicts.ts';
import { type PlanSide, type SidePlacement, wantedIn } from './plan-side.ts';
import { plannedRollouts } from './planned-rollouts.ts';
import type { PlanStanding } from './standing.ts';
import { countTargets, variantChanges } from './variant-changes.ts';

/** All that a plan is made from. */
export interface PlanInput {
  /** What is in force, or what is compared with. */
  readonly before: PlanSide;
  readonly after: PlanSide;
  /** Where a placement stands now. */
  readonly standingOf: (placement: PlacementName) => PlanStanding;
  readonly nameOf: NameOf;
  /** Wall clock, for holds and for who counts as away; no time stands in the plan. */
  readonly nowMs: number;
  /** Digest of whatever else decides: clusters and positions of logs. */
  readonly inputs: string;
}

/**
 * What would happen if `after` came into force now: on which clusters what changes, in which waves, and what would be asked of
 * people. It is the machine of the rollouts itself that plans, over the new wishes; nothing is decided. Equal inputs give an
 * equal plan.
 */
export function planPreview(input: PlanInput): PlanPreview {
  const { after, before } = input;
  const names = [...new Set([...before.placements.keys(), ...after.placements.keys()])].sort();
  const all = names.map((name) => placementPlan(name, input));
  const placements = all.filter((one) => !isQuiet(one));
  const plan: Omit<PlanPreview, 'id'> = {
    before: pointOf(before),
    after: pointOf(after),
    placements,
    unchanged: all.length - placements.length,
    errors: [...after.errors].sort(compareLocated),
    approvals: after.approvals,
    conflicts: conflictsOf(after, input.nameOf),
    assumptions: [...new Set([...before.assumptions, ...after.assumptions])].sort(),
  };
  // Plans are plain data of the model; every member is JSON.
  return { id: digestOf({ format: planFormat, inputs: input.inputs, plan } as unknown as Json), ...plan };
}

/** Part of the id: a program that plans otherwise gives other ids. */
const planFormat = 1;

function pointOf({ commit, tree }: PlanSide): PlanPoint {
  return { commit, treeId: tree?.treeId };
}

function placementPlan(placement: PlacementName, input: PlanInput): PlacementPlan {
  const before = input.before.placements.get(placement);
  const after = input.after.placements.get(placement);
  const wanted = wantedIn(input.after, placement);
  const was = before?.desired;
  const counts = countTargets(was, wanted);
  const named = (uids: Parameters<typeof clusterNames>[0]) => clusterNames(uids, input.nameOf);
  const change = changeOf(before, after);
  const isMoved =
    change !== 'same' || counts.added.length + counts.removed.length + counts.changed.length > 0;
  // What the two states have in common goes on as it does without this plan.
  const rollouts = isMoved ? plannedRollouts(placement, wanted, input) : nothingBegins;
  return {
    placement,
    definedAt: after?.spec && `${after.spec.at.file}:${after.spec.at.line}`,
    change,
    added: named(counts.added),
    removed: named(counts.removed),
    changed: named(counts.changed),
    unchanged: counts.unchanged,
    blocked: blockedOf(wanted, input.nameOf),
    unresolved: wanted.kind === 'unresolved' ? wanted.reasons : [],
    variants: variantChanges(was, wanted, input),
    ...rollouts,
  };
}

const nothingBegins = { approvals: [], rollouts: [], waits: [] } as const;

function changeOf(
  before: SidePlacement | undefined,
  after: SidePlacement | undefined,
): PlacementPlan['change'] {
  if (after?.spec === undefined) return before?.spec === undefined ? 'same' : 'removed';
  if (before?.spec === undefined) return 'added';
  const [was, is] = [before.desired, after.desired];
  if (was.kind !== 'release' || is.kind !== 'release') return was.kind === is.kind ? 'same' : 'changed';
  const isSame = was.release.digest === is.release.digest && textOf(was) === textOf(is);
  return isSame ? 'same' : 'changed';
}

/** What of a placement is not in its release's digest, but decides how it moves. */
function textOf({
  hold,
  onNewRevision,
  onUnmatch,
  strategy,
}: Extract<DesiredPlacement, { readonly kind: 'release' }>): string {
  return JSON.stringify([hold, onNewRevision, onUnmatch, strategy]);
}

function blockedOf(wanted: DesiredPlacement, nameOf: NameOf): PlacementPlan['blocked'] {
  if (wanted.kind !== 'release') return [];
  const byCode = Map.groupBy([...wanted.blocked], ([, reason]) => reason.code);
  return [...byCode.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const clusters = clusterNames(
      all.map(([uid]) => uid),
      nameOf,
    );
    return [{ reason: first[1], clusters }];
  });
}

/** Nothing to say of it. */
function isQuiet(plan: PlacementPlan): boolean {
  return (
    plan.change === 'same' &&
    plan.added.count + plan.removed.count + plan.changed.count === 0 &&
    plan.rollouts.length + plan.approvals.length === 0
  );
}
