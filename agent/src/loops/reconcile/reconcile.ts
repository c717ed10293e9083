import type { PlacementName } from '@flotilla/shared/base';
import { backoffMs, describeError, fromUnknown } from '@flotilla/shared/base';
import type { LoopOutcome } from '@flotilla/shared/kit';
import {
  emptyScope,
  maskText,
  nextFightEndMs,
  parseInventory,
  refuseContent,
  type Trouble,
} from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import { type AssignmentMemory, adoptRow, clearAttempts, hasRowContent } from './assignment-memory.ts';
import { isReadyButForChecks, nextReportAtMs, updateReport } from './assignment-status.ts';
import { executeStep } from './execute.ts';
import { explainDrift } from './explain-drift.ts';
import { journalKey } from './journal-key.ts';
import { staleAtMs } from './live-view.ts';
import { loadContent, loadStoredContent } from './load-content.ts';
import { loadRules } from './load-rules.ts';
import { observeChecks } from './observe-checks.ts';
import { observeHealth, probePauseMs } from './observe-health.ts';
import { placeContent, recallAutoscaled, refreshAutoscaled } from './place-content.ts';
import { hasFailures, planRounds } from './plan-rounds.ts';
import { loadRuns, sweepAgainAtMs, sweepJobs } from './sweep-jobs.ts';
import { loadTrial, restorePrevious, watchTrial } from './trial.ts';

/** Backoff of a failing assignment (decisions, Numbers). */
const failureMs = { baseMs: 5_000, capMs: 300_000 };

/**
 * One look at one assignment: read the row, have its content, plan and perform until nothing is left, judge, report.
 * Never rejects for a failing assignment: that is a state of it.
 */
export async function reconcileAssignment(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<LoopOutcome> {
  const row = context.heldRows.get(memory.placement);
  if (row === undefined) return { kind: 'done' };
  const startedMs = context.clock.nowMs();
  adoptRow(memory, row, context.acceptedAtMs(memory.placement) ?? startedMs);
  if (row.kind === 'removal') wantNothing(context, memory);
  beginLook(memory, startedMs);
  const preempt = new AbortController();
  memory.preempt = preempt;
  try {
    await look(context, memory, AbortSignal.any([signal, preempt.signal]));
  } catch (error) {
    signal.throwIfAborted();
    // A newer row came: look again at once.
    if (preempt.signal.aborted) return { kind: 'after', ms: 0 };
    // Reads of the state store, or a broken rule of our own: the assignment stands still, all others go on.
    memory.trouble = { code: 'EngineFailed', text: maskText(describeError(error), ''), isFinal: false };
    context.log.error('assignment failed', { placement: memory.placement, error: fromUnknown(error) });
  } finally {
    memory.preempt = undefined;
  }
  endLook(context, memory);
  updateReport(context, memory);
  return nextLook(context, memory);
}

/** What it wanted may be theirs now; and nobody leaves an object to one that is removed. */
function wantNothing(context: EngineContext, { placement }: AssignmentMemory): void {
  for (const other of context.wanted.set(placement, [])) context.enqueue(other);
}

/** Failed attempts wait for their backoff; a look that an event asked for does not repeat them. */
function beginLook(memory: AssignmentMemory, nowMs: number): void {
  memory.looked.clear();
  if (nowMs < memory.retryAtMs) return;
  clearAttempts(memory);
}

async function look(context: EngineContext, memory: AssignmentMemory, signal: AbortSignal): Promise<void> {
  const { row } = memory;
  forgetTimes(memory);
  if (row.kind === 'removal') memory.trouble = undefined;
  // Also when somebody else made the set its own since then.
  if (!memory.isLoaded || context.parents.isRefused(memory.placement)) await load(context, memory, signal);
  if (!memory.isLoaded) return;
  const refusal =
    row.kind === 'assignment' ? refuseContent(row.variant.content, context.config.policy) : undefined;
  if (refusal !== undefined) memory.trouble = { code: 'PolicyRefused', text: refusal.text, isFinal: true };
  // A row that was taken before the policy became stricter stands still: nothing of it is written, and nothing deleted.
  if (refusal !== undefined || (row.kind === 'assignment' && row.suspension !== undefined)) {
    memory.isContentKnown = true;
    // Nothing of a set changes while it is suspended, but a Job of a check is none of it, and would act on.
    await sweepJobs(context, memory, signal);
    return;
  }
  if (row.kind === 'assignment') {
    const isWaiting = memory.trouble !== undefined && context.clock.nowMs() < memory.retryAtMs;
    if (await watchTrial(context, memory, signal)) await restorePrevious(context, memory, signal);
    else if (!isWaiting) await loadContent(context, memory, { row, signal });
    await placeContent(context, memory, signal);
    if (memory.autoscaled.size > 0 && hasRowContent(memory) && memory.plan === undefined) {
      await refreshAutoscaled(context, memory, signal);
      await placeContent(context, memory, signal);
    }
    if (memory.content === undefined) await showTrouble(context, memory, signal);
  }
  await loadRules(context, memory, signal);
  await sweepJobs(context, memory, signal);
  await planRounds(context, memory, signal);
  // From here on it may be proven; what has to be taken back by now waits for the next look.
  if (row.kind === 'assignment' && memory.trial?.stored.isTakenBack === false)
    await watchTrial(context, memory, signal);
  const isJudged = row.kind === 'assignment' && memory.plan?.isApplied === true;
  memory.health = isJudged ? await observeHealth(context, memory, signal) : undefined;
  if (row.kind === 'assignment') {
    const isReady = isReadyButForChecks(context, memory);
    await observeChecks(context, memory, { row, isReady, signal });
  } else noteLeftJobs(memory);
  await explainDrift(context, memory, signal);
}

/** A look that does not get to health or checks sets no time for them: one that has passed would never end. */
function forgetTimes(memory: AssignmentMemory): void {
  memory.checks.wakeAtMs = undefined;
  if (memory.health !== undefined) memory.health = { ...memory.health, wakeAtMs: undefined };
}

/** A removal is not over while a Job of a check is left. */
function noteLeftJobs(memory: AssignmentMemory): void {
  const { sweepTrouble } = memory.checks;
  if (sweepTrouble === undefined) return;
  const code = sweepTrouble.kind === 'blocked' ? sweepTrouble.code : 'CheckJobLeft';
  memory.trouble = { code, text: sweepTrouble.text, isFinal: sweepTrouble.kind === 'blocked' };
}

/** Journal and stored content, once after a start. */
async function load(context: EngineContext, memory: AssignmentMemory, signal: AbortSignal): Promise<void> {
  const stored = await context.ports.store.read(journalKey(memory), signal);
  // A person may have mended what was refused before: read anew, but not for every event that asks for a look.
  if (context.parents.isRefused(memory.placement) && context.clock.nowMs() >= memory.retryAtMs)
    await context.parents.refresh(signal);
  const parent = context.parents.get(memory.placement);
  if (parent?.reading.kind === 'refused') {
    standStill(context, memory, { code: 'ParentRefused', text: parent.reading.text, isFinal: true });
    return;
  }
  const parsed = stored === undefined ? undefined : parseInventory(stored);
  if (parsed?.ok === false) {
    const text = `${parsed.error}; mend or remove record ${journalKey(memory)} of the state store: the parent on the cluster names what is ours`;
    standStill(context, memory, { code: 'JournalUnreadable', text, isFinal: true });
    return;
  }
  if (parsed !== undefined)
    memory.plans = { ...memory.plans, inventory: parsed.value, persisted: parsed.value };
  adoptParentScope(memory, parent?.reading.scope);
  memory.parentGeneration = parent?.generation;
  recallAutoscaled(memory);
  await loadTrial(context, memory, signal);
  await loadRuns(context, memory, signal);
  await loadStoredContent(context, memory, signal);
  memory.isLoaded = true;
}

/** Nothing is done for this assignment until that is mended; every look that finds it so says so. */
function standStill(context: EngineContext, memory: AssignmentMemory, trouble: Trouble): void {
  memory.isLoaded = false;
  memory.trouble = trouble;
  const { placement } = memory;
  context.log.warn('assignment stands still', { placement, code: trouble.code, reason: trouble.text });
}

/** The parent on the cluster is the truth about what it names; the journal only remembers. */
export function adoptParentScope(
  memory: AssignmentMemory,
  scope: AssignmentMemory['plans']['inventory']['parentScope'],
): void {
  const { inventory } = memory.plans;
  if (JSON.stringify(inventory.parentScope) === JSON.stringify(scope)) return;
  memory.plans = { ...memory.plans, inventory: { ...inventory, parentScope: scope } };
}

/** A set that never had a content still gets its object in the cluster, so that kubectl shows what is wrong with it. */
async function showTrouble(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const isShown = context.parents.get(memory.placement) !== undefined;
  if (isShown || memory.trouble?.isFinal !== true || context.parents.kind !== 'Assignment') return;
  const step = { kind: 'write-parent', scope: emptyScope, version: '' } as const;
  const outcome = await executeStep(step, { engine: context, memory, signal });
  if (outcome.isDone) adoptParentScope(memory, emptyScope);
}

function endLook(context: EngineContext, memory: AssignmentMemory): void {
  const isBlocked = memory.plan?.blocked.some((one) => one.isFinal) === true;
  const isFailing = memory.trouble !== undefined || hasFailures(memory) || isBlocked;
  const nowMs = context.clock.nowMs();
  if (!isFailing) {
    memory.streak = 0;
    memory.retryAtMs = 0;
    return;
  }
  // Still within the backoff of an earlier look.
  if (nowMs < memory.retryAtMs) return;
  const asked = [...memory.plans.attempts.failures.values()].map((failure) => failure.retryAfterMs ?? 0);
  const delayMs = backoffMs(memory.streak, failureMs, context.random);
  memory.retryAtMs = nowMs + Math.max(delayMs, ...asked, memory.plans.attempts.general?.retryAfterMs ?? 0);
  memory.streak += 1;
}

/** When to look again although nothing happens. */
function nextLook(context: EngineContext, memory: AssignmentMemory): LoopOutcome {
  const nowMs = context.clock.nowMs();
  const isUnready = memory.health !== undefined && memory.health.status !== 'Current';
  const times = [
    memory.retryAtMs > 0 ? memory.retryAtMs : undefined,
    memory.plan?.recheckAfterMs === undefined ? undefined : nowMs + memory.plan.recheckAfterMs,
    memory.health?.wakeAtMs,
    memory.checks.wakeAtMs,
    memory.trial?.wakeAtMs,
    sweepAgainAtMs(memory.checks, nowMs),
    isUnready ? nowMs + probePauseMs(memory, nowMs) : undefined,
    nextFightEndMs(memory.fights, nowMs),
    nextReportAtMs(memory, nowMs),
    staleAtMs(context, memory),
  ].filter((time) => time !== undefined);
  if (times.length === 0) return { kind: 'done' };
  return { kind: 'after', ms: Math.max(0, Math.min(...times) - nowMs) };
}

/** Ends what waits for an older row. */
export function preemptLook(memory: AssignmentMemory | undefined): void {
  memory?.preempt?.abort(new Error('a newer row came'));
}

/** The placements that wait for something that was just applied elsewhere get a fresh try. */
export function retryNow(memory: AssignmentMemory): PlacementName {
  clearAttempts(memory);
  return memory.placement;
}
