import { assert, limits } from '@flotilla/shared/base';
import type { KubeObject, Row } from '@flotilla/shared/model';
import { compareVersions, formatRef, formatVersion } from '@flotilla/shared/model';
import {
  deletesLimitOf,
  fightsAt,
  findCondition,
  foldOutcomes,
  type Goal,
  holdDeletes,
  markFinished,
  mergeInventory,
  type Neighbour,
  type Plan,
  type PlanInput,
  planNext,
  policyFor,
  refuseNamespace,
} from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import { type AssignmentMemory, hasRowContent } from './assignment-memory.ts';
import { isLate } from './assignment-status.ts';
import { claimsOf } from './claims.ts';
import { executeStep } from './execute.ts';
import { liveView, watchNeeds } from './live-view.ts';
import { placeContent } from './place-content.ts';
import { scopeSight } from './scope-sight.ts';

/** Rounds of one look; a plan that never ends is a mistake of ours and must not spin. */
const roundsMax = 200;

/**
 * Plans, performs, reads, plans again, until a plan has no steps. The last plan is kept for the report when it is one
 * for the row's own goal.
 */
export async function planRounds(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 0; ; round += 1) {
    assert(round < roundsMax, `the plan of ${memory.placement} comes to an end`);
    await context.watches.ensure(watchNeeds(context, memory), signal);
    const goal = goalOf(context, memory);
    if (goal === undefined) return;
    merge(context, memory);
    const plan = planNext(inputFor(context, memory, goal));
    const isOwn = memory.row.kind === 'removal' || hasRowContent(memory);
    if (isOwn) keepPlan(context, memory, plan);
    if (plan.steps.length === 0) {
      if (!isOwn) memory.plan = undefined;
      return;
    }
    const outcomes = await Promise.all(
      plan.steps.map((step) => executeStep(step, { engine: context, memory, signal })),
    );
    memory.plans = foldOutcomes(memory.plans, outcomes, context.clock.nowMs());
    await placeContent(context, memory, signal);
    // A newer row does not wait for the rest of this one.
    signal.throwIfAborted();
  }
}

/** Remembers when applying began and ended, and shows progress. */
function keepPlan(context: EngineContext, memory: AssignmentMemory, plan: Plan): void {
  const nowMs = context.clock.nowMs();
  if (plan.steps.length > 0 && !plan.isApplied && memory.applyStartedMs === undefined)
    memory.applyStartedMs = nowMs;
  const isFirst = plan.isApplied && memory.plan?.isApplied !== true && memory.timings.rowToAppliedMs === 0;
  if (isFirst)
    memory.timings = {
      ...memory.timings,
      applyMs: Math.round(nowMs - (memory.applyStartedMs ?? nowMs)),
      rowToAppliedMs: Math.max(1, Math.round(nowMs - memory.rowSinceMs)),
    };
  memory.plan = plan;
  memory.phase = plan.isApplied ? 'verifying' : 'applying';
}

/** What the assignment is to be brought to; undefined = nothing can be said yet. */
function goalOf({ config }: EngineContext, memory: AssignmentMemory): Goal | undefined {
  const { row, content, plans } = memory;
  if (row.kind === 'removal') return { kind: 'removal', mode: row.mode };
  if (content === undefined || content.placing.problems.length > 0) return undefined;
  const { placing, record } = content;
  const { namespace, createNamespace } = record.options;
  const isMissing = createNamespace && !content.byKey.has(`Namespace//${namespace}`);
  const isEnsured =
    isMissing && refuseNamespace(namespace ?? '', memory.placement, config.policy) === undefined;
  return {
    kind: 'content',
    objects: placing.placed,
    unplaced: placing.unplaced,
    content: { commit: record.commit, variantDigest: record.variantDigest },
    version: hasRowContent(memory)
      ? formatVersion(row.version)
      : (plans.inventory.parentVersion ?? formatVersion(row.version)),
    ensureNamespace: isEnsured ? namespace : undefined,
  };
}

/** Journal, live members and the live parent become one inventory. */
function merge(context: EngineContext, memory: AssignmentMemory): void {
  const { placement } = memory;
  const labelled = context.watches.labelled(placement);
  const set = context.parents.identityOf(placement);
  const merged = mergeInventory(memory.plans.inventory, { ...set, labelled });
  const finished = labelled
    .filter((live) => live.ref.kind === 'Job' && isCleanedUpLater(live.body))
    .map((live) => live.key);
  const inventory = markFinished(merged.inventory, finished);
  if (inventory !== memory.plans.inventory) memory.plans = { ...memory.plans, inventory };
  memory.orphans = merged.orphans.slice(0, limits.failingObjectsMax).map((live) => formatRef(live.ref));
}

/** A Job that ran to its end and that its TTL will delete. */
function isCleanedUpLater(job: KubeObject): boolean {
  const spec = job['spec'];
  const hasTtl = typeof spec === 'object' && spec !== null && 'ttlSecondsAfterFinished' in spec;
  return hasTtl && findCondition(job, 'Complete')?.status === 'True';
}

function inputFor(context: EngineContext, memory: AssignmentMemory, goal: Goal): PlanInput {
  const { placement, row, plans } = memory;
  const nowMs = context.clock.nowMs();
  const wanted =
    goal.kind === 'content' ? new Set(goal.objects.map((object) => object.key)) : new Set<string>();
  const leftovers = [...plans.inventory.entries.keys()].filter((key) => !wanted.has(key));
  const live = liveView(context, memory);
  const held = holdDeletes(row, leftovers, leftovers.length > 0 ? neighboursOf(context) : []);
  const policy = policyFor(row, {
    ...context.parents.identityOf(placement),
    fights: fightsAt(memory.fights, nowMs),
    claims: claimsOf(context, memory, { keys: wanted, live }),
    wantedElsewhere: context.wanted.elsewhere(leftovers, placement),
    deletesLimit: deletesLimitOf(context.config.policy),
    handOverPending: held.waiting,
    handOverDoubted: held.doubted,
  });
  const scope = scopeSight(context, memory);
  // What is placed was stored before: see load-content.
  return { goal, live, scope, policy, storedIntent: wanted, nowMs, ...plans };
}

function* neighboursOf(context: EngineContext): Generator<Neighbour> {
  for (const row of context.heldRows.all()) yield neighbourOf(context, row);
}

function neighbourOf(context: EngineContext, row: Row): Neighbour {
  const memory = context.memories.get(row.placement);
  const isCurrent = memory !== undefined && compareVersions(memory.row.version, row.version) === 0;
  const known = memory?.content === undefined ? 'nothing' : 'last';
  const entries = memory?.plans.inventory.entries;
  return {
    row,
    sight: isCurrent && memory.isContentKnown ? 'known' : known,
    trouble: isCurrent ? (memory.trouble?.code ?? '') : '',
    isApplied: isCurrent && isApplied(memory, row),
    isLate: isCurrent && isLate(memory, context.clock.nowMs()),
    owns: (key) => entries?.has(key) === true,
  };
}

/** Applied now, or by the journal: a row that is suspended is not planned any more. */
function isApplied(memory: AssignmentMemory, row: Row): boolean {
  if (memory.plan?.isApplied === true || row.kind === 'removal') return memory.plan?.isApplied === true;
  return memory.plans.inventory.applied?.variantDigest === row.variant.digest;
}

/** Objects whose last attempt failed in a way that another assignment's namespace or definition may heal. */
export function waitsForFoundation(memory: AssignmentMemory): boolean {
  const codes = ['NamespaceMissing', 'KindNotServed', 'WaitingForDefinition', 'DiscoveryFailed'];
  return (memory.plan?.blocked ?? []).some((one) => codes.includes(one.code));
}

/** Whether anything failed in the attempts since the last backoff. */
export function hasFailures(memory: AssignmentMemory): boolean {
  const { failures, general } = memory.plans.attempts;
  return failures.size > 0 || general !== undefined;
}
