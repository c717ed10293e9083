import type { AssignmentReport } from '@flotilla/shared/model';
import {
  type ChecksVerdict,
  fightsAt,
  lateAtMs,
  reportOf,
  type StateInput,
  stateOf,
  trackReadiness,
} from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';
import { trialSight } from './trial.ts';

/** Works out the report on an assignment from what is known now, and tells when it says something new. */
export function updateReport(context: EngineContext, memory: AssignmentMemory): void {
  const before = memory.report;
  // Should a rule of ours be broken below, nothing is said of it, and not what was true before.
  memory.report = undefined;
  const nowMs = context.clock.nowMs();
  const isRowLate = isLate(memory, nowMs);
  const verdict = stateOf(stateInput(memory, memory.checks.verdict, nowMs));
  noteReadiness(memory, verdict.state === 'Ready', nowMs);
  memory.isKnownLate = isRowLate;
  memory.report = reportOf({
    row: memory.row,
    verdict,
    total: totalOf(memory),
    plan: memory.plan,
    health: memory.health,
    checks: memory.checks.verdict,
    healthyForMs: nowMs - (memory.readiness.readySinceMs ?? nowMs),
    isTakenBack: verdict.reason === 'Reverted',
    deadlinePassed: isRowLate && !memory.wasReady && verdict.state !== 'Ready',
    drift: {
      objects: memory.plan?.drifted.length ?? 0,
      corrected: memory.drift.corrected,
      latest: memory.drift.latest,
      fights: [...fightsAt(memory.fights, nowMs).values()].map((one) => one.text),
    },
    timings: memory.timings,
    applied: memory.plans.inventory.applied,
  });
  if (before === undefined || hasNews(before, memory.report, soakOf(memory))) context.reportChanged(memory);
}

/** Whether nothing but the checks of the stage keeps the assignment from being Ready: only then they are asked. */
export function isReadyButForChecks(context: EngineContext, memory: AssignmentMemory): boolean {
  return stateOf(stateInput(memory, { kind: 'hold' }, context.clock.nowMs())).state === 'Ready';
}

function stateInput(memory: AssignmentMemory, checks: ChecksVerdict, nowMs: number): StateInput {
  const { row, phase, trouble, plan, health } = memory;
  const deadlineMs = deadlineOf(memory);
  return {
    row,
    phase,
    trouble,
    plan,
    health,
    checks,
    trial: trialSight(memory),
    isLate: isLate(memory, nowMs),
    deadlineMs,
  };
}

/**
 * When the report will change by time alone: soak or deadline pass. Monotonic, at once where the deadline has passed and the report
 * does not know yet; undefined = never.
 */
export function nextReportAtMs(memory: AssignmentMemory, nowMs: number): number | undefined {
  const { readySinceMs } = memory.readiness;
  if (readySinceMs === undefined) return memory.isKnownLate ? undefined : finite(deadlineAt(memory));
  const soakAtMs = readySinceMs + soakOf(memory);
  return soakAtMs > nowMs ? soakAtMs : undefined;
}

function finite(timeMs: number): number | undefined {
  return Number.isFinite(timeMs) ? timeMs : undefined;
}

function noteReadiness(memory: AssignmentMemory, isReady: boolean, nowMs: number): void {
  memory.readiness = trackReadiness(memory.readiness, isReady, nowMs);
  if (!isReady || memory.wasReady) return;
  memory.wasReady = true;
  memory.timings = { ...memory.timings, rowToReadyMs: Math.max(1, Math.round(nowMs - memory.rowSinceMs)) };
}

function deadlineAt(memory: AssignmentMemory): number {
  if (memory.row.kind !== 'assignment') return Number.POSITIVE_INFINITY;
  return lateAtMs(memory.readiness, deadlineOf(memory));
}

/** Whether the row's deadline has passed without its being Ready. */
export function isLate(memory: AssignmentMemory, nowMs: number): boolean {
  return nowMs >= deadlineAt(memory);
}

/** Objects in the render, whether they have a place on the cluster yet or not. */
function totalOf({ content }: AssignmentMemory): number {
  return content === undefined ? 0 : content.placing.placed.length + content.placing.unplaced.length;
}

function deadlineOf({ row }: AssignmentMemory): number {
  return row.kind === 'assignment' ? row.variant.health.deadlineMs : 0;
}

function soakOf({ row }: AssignmentMemory): number {
  return row.kind === 'assignment' ? row.variant.health.soakMs : 0;
}

/** Growing times are no news, but the moment at which the soak passes is. */
function hasNews(before: AssignmentReport, after: AssignmentReport, soakMs: number): boolean {
  const isSoaked = (report: AssignmentReport) => report.state === 'Ready' && report.healthyForMs >= soakMs;
  if (isSoaked(before) !== isSoaked(after)) return true;
  const still = { healthyForMs: 0 };
  return JSON.stringify({ ...before, ...still }) !== JSON.stringify({ ...after, ...still });
}
