import type { AssignmentRow, ClusterCheck } from '@flotilla/shared/model';
import { objectKey } from '@flotilla/shared/model';
import { type CheckAnswer, type ChecksVerdict, checkPauseMs, judgeChecks } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import { askJob } from './ask-job.ts';
import { askObject } from './ask-object.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import { type AskedMemory, forgetAnswers, newAsked } from './check-memory.ts';

/**
 * Asks the checks of a row that are due, and judges all of them together. Only of an assignment that would be Ready but for
 * them (`isReady`): what happened to the one before says nothing, so every time begins anew, save for Jobs that ended.
 */
export async function observeChecks(
  context: EngineContext,
  memory: AssignmentMemory,
  {
    row,
    isReady,
    signal,
  }: { readonly row: AssignmentRow; readonly isReady: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { checks } = memory;
  const wanted = isReady ? (row.variant.health.stageChecks ?? []) : [];
  if (wanted.length === 0) {
    forgetAnswers(checks, row);
    context.checked.set(memory.placement, []);
    return;
  }
  const asking = wanted.map((check) => ({ check, state: stateFor(memory, check) }));
  const askOne = async ({ check, state }: (typeof asking)[number]) =>
    await askWhenDue(context, state, () =>
      check.kind === 'job'
        ? askJob(context, memory, { check, row, signal })
        : askObject(context, state, { check, row, signal }),
    );
  await Promise.all(asking.filter(({ check }) => check.kind !== 'job').map(askOne));
  // One after the other: they share one record of the store.
  for (const one of asking) if (one.check.kind === 'job') await askOne(one);
  const keys = asking.flatMap(({ state }) => (state.ref === undefined ? [] : [objectKey(state.ref)]));
  context.checked.set(memory.placement, keys);
  judge(context, memory, asking);
}

function judge(
  context: EngineContext,
  { checks, placement }: AssignmentMemory,
  asking: readonly { readonly check: ClusterCheck; readonly state: AskedMemory }[],
): void {
  const asked = asking.map(({ check, state }) => ({ check, answer: state.answer }));
  const judged = judgeChecks(asked, checks.waitingSinceMs, context.clock.nowMs());
  if (checks.verdict.kind !== judged.verdict.kind) {
    const reason = textOf(judged.verdict);
    context.log.info('checks of the stage', { placement, state: judged.verdict.kind, reason });
  }
  checks.verdict = judged.verdict;
  checks.waitingSinceMs = judged.waitingSinceMs;
  const dues = asking.map(({ state }) => state.dueAtMs);
  const wakeAtMs = Math.min(judged.wakeAtMs ?? Number.POSITIVE_INFINITY, ...dues);
  checks.wakeAtMs = Number.isFinite(wakeAtMs) ? wakeAtMs : undefined;
}

function textOf(verdict: ChecksVerdict): string {
  return verdict.kind === 'hold' ? '' : verdict.text;
}

function stateFor({ checks }: AssignmentMemory, { name }: ClusterCheck): AskedMemory {
  const known = checks.asked.get(name);
  if (known !== undefined) return known;
  const made = newAsked();
  checks.asked.set(name, made);
  return made;
}

async function askWhenDue(
  { clock }: EngineContext,
  state: AskedMemory,
  ask: () => Promise<CheckAnswer>,
): Promise<void> {
  if (clock.nowMs() < state.dueAtMs) return;
  const answer = await ask();
  const nowMs = clock.nowMs();
  if (answer.kind !== state.answer.kind) state.sinceMs = nowMs;
  state.answer = answer;
  const isHolding = answer.kind === 'holds';
  // A Job that passed has passed for good; an object is looked at again.
  const isOver = isHolding && state.ref === undefined;
  const unreadForMs = state.unreadSinceMs === undefined ? undefined : nowMs - state.unreadSinceMs;
  const pauseMs = checkPauseMs(isHolding, nowMs - state.sinceMs, unreadForMs);
  state.dueAtMs = isOver ? Number.POSITIVE_INFINITY : nowMs + pauseMs;
}
