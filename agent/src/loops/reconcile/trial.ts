import type { AssignmentRow } from '@flotilla/shared/model';
import {
  beginTrial,
  encodeTrial,
  isSilenceDue,
  judgeTrial,
  parseTrial,
  resumeTrial,
  type Trial,
  type TrialVerdict,
  takenBackText,
} from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import { type AssignmentMemory, clearAttempts, hasRowContent } from './assignment-memory.ts';
import { holdContent, placedContent } from './place-content.ts';
import { renderTrouble } from './render-trouble.ts';
import { keepContent, previousKey, readRecord } from './stored-content.ts';

/** Where the store keeps the change that is on trial. */
function trialKey({ placement }: AssignmentMemory): string {
  return `confirm/${placement}`;
}

/** Takes up after a start what an earlier run had on trial. What cannot be read takes nothing back. */
export async function loadTrial(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const stored = await context.ports.store.read(trialKey(memory), signal);
  const trial = stored === undefined ? undefined : parseTrial(stored);
  if (stored !== undefined && trial === undefined)
    context.log.warn('a change on trial cannot be read, and stays', { placement: memory.placement });
  memory.trial = trial && watched(context, { stored: trial, trial: resumeTrial(trial) });
}

/** Puts a row's content on trial before anything of it is stored or written, where its placement asks for that. */
export async function beginTrialOf(
  context: EngineContext,
  memory: AssignmentMemory,
  { row, signal }: { readonly row: AssignmentRow; readonly signal: AbortSignal },
): Promise<void> {
  const { confirmMs } = row.variant.apply;
  // Begun by a run that ended before it had stored the content.
  if (confirmMs === undefined || memory.trial?.trial.variantDigest === row.variant.digest) return;
  const trial = beginTrial({
    confirmMs,
    version: row.version,
    variantDigest: row.variant.digest,
    previousDigest: memory.content?.record.variantDigest,
    heardAtMs: context.linkHeardAtMs(),
    nowMs: context.clock.nowMs(),
  });
  if (trial === undefined) {
    context.log.info('a change goes without trial: nothing is before it, or the link was down', {
      placement: memory.placement,
    });
    return;
  }
  await context.ports.store.write(trialKey(memory), encodeTrial(trial), signal);
  memory.trial = watched(context, { stored: trial, trial });
}

function watched(context: EngineContext, trials: { readonly stored: Trial; readonly trial: Trial }) {
  return { ...trials, sinceMs: context.clock.nowMs(), appliedAtMs: undefined, wakeAtMs: undefined };
}

/**
 * Judges the change on trial and acts: ends the trial, writes its silence down, or takes the change back. Resolves to whether
 * the variant before is what is to be kept up.
 */
export async function watchTrial(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<boolean> {
  const { row, trial: watching } = memory;
  if (watching === undefined || row.kind === 'removal') return false;
  if (memory.plan?.isApplied === true && hasRowContent(memory))
    watching.appliedAtMs ??= context.clock.nowMs();
  const verdict = judge(context, memory, row);
  watching.wakeAtMs = undefined;
  switch (verdict.kind) {
    case 'taken-back':
      return true;
    case 'waiting':
      watching.wakeAtMs = verdict.wakeAtMs;
      // A report that goes out is how the bus is heard.
      context.reportChanged(memory);
      if (isSilenceDue(watching.stored, verdict.silentMs))
        await store(context, memory, { trial: { ...watching.stored, silentMs: verdict.silentMs }, signal });
      return false;
    case 'take-back':
      await takeBack(context, memory, signal);
      return true;
    default:
      await endTrial(context, memory, signal);
      return false;
  }
}

function judge(context: EngineContext, memory: AssignmentMemory, row: AssignmentRow): TrialVerdict {
  const { trial: watching } = memory;
  if (watching === undefined) return { kind: 'over' };
  const others = [...context.memories.values()].flatMap((one) =>
    one === memory || one.trial === undefined || one.row.kind === 'removal' ? [] : [one.trial.stored],
  );
  return judgeTrial({
    trial: watching.stored.isTakenBack ? watching.stored : watching.trial,
    row: { version: row.version, digest: row.variant.digest },
    sinceMs: watching.sinceMs,
    appliedAtMs: watching.appliedAtMs,
    heardAtMs: context.linkHeardAtMs(),
    others,
    nowMs: context.clock.nowMs(),
  });
}

async function store(
  context: EngineContext,
  memory: AssignmentMemory,
  { trial, signal }: { readonly trial: Trial; readonly signal: AbortSignal },
): Promise<void> {
  await context.ports.store.write(trialKey(memory), encodeTrial(trial), signal);
  if (memory.trial !== undefined) memory.trial.stored = trial;
}

/** Durable before the first write, so that another run goes on with it. */
async function takeBack(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const { placement, trial } = memory;
  if (trial === undefined) return;
  await store(context, memory, { trial: { ...trial.stored, isTakenBack: true }, signal });
  context.log.warn('a change is taken back', { placement, reason: takenBackText(trial.stored) });
  trial.wakeAtMs = context.clock.nowMs();
  clearAttempts(memory);
  memory.plan = undefined;
  memory.health = undefined;
}

/** Forgets what was on trial, and stores that. */
export async function endTrial(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  await context.ports.store.remove(trialKey(memory), signal);
  memory.trial = undefined;
}

/** Makes the variant before the change the one that is kept up. When it is not there any more, what runs stays. */
export async function restorePrevious(
  context: EngineContext,
  memory: AssignmentMemory,
  signal: AbortSignal,
): Promise<void> {
  const { trial: watching, content } = memory;
  if (watching === undefined) return;
  const { previousDigest } = watching.stored;
  memory.isContentKnown = true;
  memory.trouble = undefined;
  if (content?.record.variantDigest === previousDigest) return;
  const record = await readRecord(context, previousKey(memory), signal);
  if (record?.variantDigest !== previousDigest) {
    const text = `${takenBackText(watching.stored)}; but its content is not stored any more: assign what is to run`;
    memory.trouble = { code: 'TakeBackFailed', text, isFinal: true };
    return;
  }
  const placed = placedContent(context, memory, record);
  if ((placed.placing.problems ?? []).length > 0) {
    memory.trouble = renderTrouble(placed.placing.problems ?? []);
    return;
  }
  await keepContent(context, memory, { record, signal });
  holdContent(context, memory, placed);
}

/** What a trial means for what is said of the assignment. */
export function trialSight(memory: AssignmentMemory) {
  const { row, trial, content } = memory;
  if (trial === undefined || row.kind === 'removal') return { kind: 'none' } as const;
  const { stored } = trial;
  if (!stored.isTakenBack) {
    const isSame = stored.variantDigest === row.variant.digest;
    return isSame ? ({ kind: 'waiting' } as const) : ({ kind: 'none' } as const);
  }
  const isBack = content?.record.variantDigest === stored.previousDigest && !hasRowContent(memory);
  return isBack
    ? ({ kind: 'taken-back', text: takenBackText(stored) } as const)
    : ({ kind: 'none' } as const);
}
