import { groupKindKey } from '@flotilla/shared/model';
import {
  coversScope,
  emptyScope,
  entriesScope,
  equalScope,
  type Inventory,
  intendedEntry,
  supersetScope,
  unionScope,
  withEntries,
} from '../inventory/index.ts';
import { type ApplyPlan, planApply } from './apply-steps.ts';
import type { Goal, PlanInput } from './goal.ts';
import type { Plan } from './plan.ts';
import { emptyPrune, type PrunePlan, planOrphan, planPrune, pruneLeftovers } from './prune.ts';
import type { Step } from './step.ts';
import { type Doubt, doubtShrinking, noDoubt } from './unseen-members.ts';

/** How often waiting is looked at again without an event. */
const recheckMs = 1_000;
/** The same for what cannot be read: its watch tells when that changes, so this is only the safety net. */
const unreadRecheckMs = 10_000;
/** Waits that may end by time alone: discovery lags, and some kinds are healthy after a while without a status. */
const clockedWaits: readonly string[] = ['WaitingForDefinition', 'WaitingForDependency', 'WaitingForWave'];

type ContentGoal = Extract<Goal, { kind: 'content' }>;
type RemovalGoal = Extract<Goal, { kind: 'removal' }>;

/**
 * The next safe steps towards a goal; all of them may be performed at once. Order of a content: read what is not known
 * → write the intent down → superset on the parent → apply stage by stage → write the results and the deletes to come →
 * prune backwards → exact set on the parent → write the end down. Nothing is deleted before everything wanted is
 * applied, and never without a cause (laws in plan-next.laws.test.ts).
 */
export function planNext(input: PlanInput): Plan {
  const general = input.attempts.general;
  const plan =
    input.goal.kind === 'content' ? planContent(input.goal, input) : planRemoval(input.goal, input);
  if (general === undefined) return plan;
  const blocked = [
    { ...general.reason, isFinal: general.severity === 'final', ref: undefined },
    ...plan.blocked,
  ];
  return { ...plan, steps: [], settled: false, blocked };
}

function planContent(goal: ContentGoal, input: PlanInput): Plan {
  const apply = planApply(goal, input);
  const wanted = new Set(goal.objects.map((object) => object.key));
  const leftovers = [...input.inventory.entries]
    .filter(([key]) => !wanted.has(key))
    .map(([, entry]) => entry);
  const prune =
    apply.isComplete && input.policy.prune.enabled
      ? pruneLeftovers(goal.content.commit, leftovers, input)
      : emptyPrune;
  const steps = contentSteps({ goal, apply, prune, input });
  const isQuiet = steps.length === 0 && apply.isComplete;
  const doubt = isQuiet ? doubtShrinking(entriesScope(input.inventory), input) : noDoubt;
  const facts = {
    blocked: [...apply.blocked, ...prune.blocked, ...doubt.blocked],
    isApplied: apply.isComplete,
    appliedObjects: apply.done.length,
    pruning: prune.pruning,
    drifted: apply.drifted,
    heldPrune: prune.held,
  };
  const settled = isQuiet && !prune.isBusy && !isUnseen(prune, doubt);
  const recheckAfterMs = isWaiting(apply, prune) ? recheckMs : unreadRecheck(prune, doubt);
  return { ...facts, steps, settled, recheckAfterMs };
}

/** Deletions and late definitions normally end with an event; the clock is for the ones that do not. */
function isWaiting(apply: ApplyPlan, prune: PrunePlan): boolean {
  return prune.isBusy || apply.blocked.some((one) => clockedWaits.includes(one.code));
}

/** Something of the assignment may live that cannot be read now: then it is not done. */
function isUnseen(prune: PrunePlan, doubt: Doubt): boolean {
  return prune.unread > 0 || doubt.blocked.length > 0;
}

function unreadRecheck(prune: PrunePlan, doubt: Doubt): number | undefined {
  return isUnseen(prune, doubt) ? unreadRecheckMs : undefined;
}

interface ContentSteps {
  readonly goal: ContentGoal;
  readonly apply: ApplyPlan;
  readonly prune: PrunePlan;
  readonly input: PlanInput;
}

function contentSteps({ goal, apply, prune, input }: ContentSteps): readonly Step[] {
  if (apply.writes.length > 0) {
    const first = prerequisites(goal, apply.writes, input);
    return first.length > 0 ? first : [...apply.inquiries, ...apply.writes];
  }
  if (apply.inquiries.length > 0) return apply.inquiries;
  if (!apply.isComplete) return saveIfDirty(input.inventory, input);
  if (prune.inquiries.length > 0) return prune.inquiries;
  if (prune.toMark.length > 0)
    return [{ kind: 'write-journal', inventory: markPruning(prune, input.inventory) }];
  if (prune.steps.length > 0) return prune.steps;
  return finish(goal, prune, input);
}

/** What must be durable before the first object of a content is written: the intent, and the superset on the parent. */
function prerequisites(goal: ContentGoal, writes: readonly Step[], input: PlanInput): readonly Step[] {
  const { inventory } = input;
  // What cannot be read is not written either; naming its kind would only have the parent wait for it later.
  const missing = goal.objects.filter(
    ({ key }) => !inventory.entries.has(key) && input.live.get(key)?.kind !== 'unreadable',
  );
  const unrecorded = missing.filter((object) => !input.storedIntent.has(object.key));
  const needed = unionScope(
    supersetScope(
      inventory,
      missing.map((object) => object.ref),
    ),
    {
      groupKinds: goal.unplaced.filter((one) => !one.isUnreadable).map((one) => groupKindKey(one.kind)),
      namespaces: [],
    },
  );
  const isCovered = inventory.parentScope !== undefined && coversScope(inventory.parentScope, needed);
  // A corrected drift changes nothing about the row, so the parent is not touched for it.
  const isRowChange = writes.some((step) => step.kind !== 'apply' || step.reason !== 'drift');
  const isParentDue = !isCovered || (isRowChange && inventory.parentVersion !== goal.version);
  return [
    ...(unrecorded.length === 0
      ? []
      : [
          journal(
            withEntries(
              inventory,
              unrecorded.map((object) => intendedEntry(object.ref)),
            ),
          ),
        ]),
    ...(isParentDue ? [{ kind: 'write-parent', scope: needed, version: goal.version } as const] : []),
  ];
}

function markPruning(prune: PrunePlan, inventory: Inventory): Inventory {
  return withEntries(
    inventory,
    prune.toMark.map((entry) => ({ ...entry, phase: 'pruning' as const })),
    prune.drop,
  );
}

/**
 * Everything is applied and what may go has gone: exact set on the parent, then the end in the journal. The set stays
 * wide while something of it cannot be read.
 */
function finish(goal: ContentGoal, prune: PrunePlan, input: PlanInput): readonly Step[] {
  const inventory = normalise(goal, prune, input.inventory);
  const exact = entriesScope(inventory);
  const doubt = doubtShrinking(exact, input);
  if (doubt.steps.length > 0) return doubt.steps;
  const scope = doubt.blocked.length > 0 ? supersetScope(inventory, []) : exact;
  if (inventory.parentScope === undefined || !equalScope(inventory.parentScope, scope))
    return [{ kind: 'write-parent', scope, version: goal.version }];
  return saveIfDirty(inventory, input);
}

/** The inventory at the end of a content: wanted objects are plainly applied. The same object when nothing changes. */
function normalise(goal: ContentGoal, prune: PrunePlan, inventory: Inventory): Inventory {
  const put = goal.objects.flatMap(({ key }) => {
    const entry = inventory.entries.get(key);
    if (entry === undefined || (entry.phase === 'applied' && entry.note === '')) return [];
    return [{ ...entry, phase: 'applied' as const, note: '' }];
  });
  const cleaned = put.length + prune.drop.length === 0 ? inventory : withEntries(inventory, put, prune.drop);
  const { applied } = cleaned;
  const isSame =
    applied?.commit === goal.content.commit && applied.variantDigest === goal.content.variantDigest;
  return isSame ? cleaned : { ...cleaned, applied: goal.content };
}

function planRemoval(goal: RemovalGoal, input: PlanInput): Plan {
  const candidates = [...input.inventory.entries.values()];
  const isEmpty = candidates.length === 0;
  const prune =
    goal.mode === 'prune'
      ? planPrune({ candidates, cause: { kind: 'removal' }, hasBudget: false }, input)
      : planOrphan(candidates, input);
  // Forgetting the set is shrinking its scope to nothing.
  const doubt = isEmpty ? doubtShrinking(emptyScope, input) : noDoubt;
  const steps = removalSteps(prune, doubt, input);
  return {
    steps,
    blocked: [...prune.blocked, ...doubt.blocked],
    settled: steps.length === 0 && isEmpty && !isUnseen(prune, doubt),
    isApplied: false,
    appliedObjects: 0,
    pruning: input.inventory.entries.size - prune.drop.length,
    drifted: [],
    heldPrune: prune.held,
    recheckAfterMs: prune.isBusy ? recheckMs : (unreadRecheck(prune, doubt) ?? unprovenRecheck(input)),
  };
}

/** What may be gone with its kind has no event of its own. */
function unprovenRecheck(input: PlanInput): number | undefined {
  return [...input.attempts.gone.values()].includes(false) ? unreadRecheckMs : undefined;
}

function removalSteps(prune: PrunePlan, doubt: Doubt, input: PlanInput): readonly Step[] {
  const { inventory } = input;
  if (prune.inquiries.length > 0) return prune.inquiries;
  if (prune.toMark.length > 0) return [journal(markPruning(prune, inventory))];
  if (prune.steps.length > 0) return prune.steps;
  if (prune.drop.length > 0) return [journal(withEntries(inventory, [], prune.drop))];
  if (doubt.steps.length > 0) return doubt.steps;
  if (inventory.entries.size > 0 || doubt.blocked.length > 0) return saveIfDirty(inventory, input);
  return inventory.parentScope === undefined ? [] : [{ kind: 'forget-assignment' }];
}

function saveIfDirty(inventory: Inventory, input: PlanInput): readonly Step[] {
  return inventory === input.persisted ? [] : [journal(inventory)];
}

function journal(inventory: Inventory): Step {
  return { kind: 'write-journal', inventory };
}
