import type { AssignmentReport } from '@flotilla/shared/model';
import { type ChecksVerdict, fightsAt, reportOf, type StateInput, stateOf } from '../../core/index.ts';
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
  trackReadiness(memory, verdict.state === 'Ready', nowMs);
  memory.report = reportOf({
    row: memory.row,
    verdict,
    total: totalOf(memory),
    plan: memory.plan,
    health: memory.health,
    checks: memory.checks.verdict,
    healthyForMs: memory.readySinceMs === undefined ? 0 : nowMs - memory.readySinceMs,
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

/** When the report will change by time alone: soak or deadline pass. Monotonic; undefined = never. */
export function nextReportAtMs(memory: AssignmentMemory, nowMs: number): number | undefined {
  const soakAtMs = memory.readySinceMs === undefined ? undefined : memory.readySinceMs + soakOf(memory);
  const deadlineAtMs = memory.readySinceMs === undefined ? deadlineAt(memory) : undefined;
  const times = [soakAtMs, deadlineAtMs].filter((time) => time !== undefined && time > nowMs);
  return times.length === 0 ? undefined : Math.min(...times.map((time) => time ?? 0));
}

function trackReadiness(memory: AssignmentMemory, isReady: boolean, nowMs: number): void {
  if (!isReady) {
    if (memory.readySinceMs !== undefined) memory.unreadySinceMs = nowMs;
    memory.readySinceMs = undefined;
    return;
  }
  memory.readySinceMs ??= nowMs;
  memory.unreadySinceMs = undefined;
  if (memory.wasReady) return;
  memory.wasReady = true;
  memory.timings = { ...memory.timings, rowToReadyMs: Math.max(1, Math.round(nowMs - memory.rowSinceMs)) };
}

/** The row's deadline, counted anew from the moment at which it stopped being Ready. */
function deadlineAt(memory: AssignmentMemory): number {
  const sinceMs = memory.wasReady ? (memory.unreadySinceMs ?? Number.POSITIVE_INFINITY) : memory.rowSinceMs;
  return sinceMs + deadlineOf(memory);
}

/** Whether the row's deadline has passed without its being Ready. */
export function isLate(memory: AssignmentMemory, nowMs: number): boolean {
  return memory.row.kind === 'assignment' && nowMs >= deadlineAt(memory);
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
