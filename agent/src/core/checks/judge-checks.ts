import { formatDurationMs } from '@flotilla/shared/base';
import type { ClusterCheck, ObjectRef, Row } from '@flotilla/shared/model';
import type { CheckAnswer } from './check-answer.ts';

/** What all checks of an assignment come to. */
export type ChecksVerdict =
  /** All of them hold, or none is asked for. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'waiting'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string; readonly ref: ObjectRef | undefined }
  | {
      readonly kind: 'blocked';
      readonly code: string;
      readonly text: string;
      readonly ref: ObjectRef | undefined;
    };

/** A check with what is known of it. */
export interface AskedCheck {
  readonly check: ClusterCheck;
  readonly answer: CheckAnswer;
}

/** The verdict, and since when which checks have not held without a break (monotonic), to be given again the next time. */
export interface JudgedChecks {
  readonly verdict: ChecksVerdict;
  readonly waitingSinceMs: ReadonlyMap<string, number>;
  /** When a timeout passes; undefined = none will. */
  readonly wakeAtMs: number | undefined;
}

/** What is known of a row's checks before any was asked: only a row without checks needs none. */
export function unaskedChecks(row: Row): ChecksVerdict {
  const checks = row.kind === 'assignment' ? (row.variant.health.stageChecks ?? []) : [];
  return checks.length === 0 ? { kind: 'hold' } : { kind: 'waiting', text: 'checks were not asked yet' };
}

/** Judges the checks of a row together: the worst decides, and one that did not hold for its timeout has failed. */
export function judgeChecks(
  asked: readonly AskedCheck[],
  before: ReadonlyMap<string, number>,
  nowMs: number,
): JudgedChecks {
  const waitingSinceMs = new Map<string, number>();
  const wakes: number[] = [];
  const named: ChecksVerdict[] = [];
  for (const { check, answer } of asked) {
    if (answer.kind === 'holds') continue;
    const sinceMs = before.get(check.name) ?? nowMs;
    waitingSinceMs.set(check.name, sinceMs);
    const lateAtMs = sinceMs + check.timeoutMs;
    if (answer.kind === 'waiting' && nowMs < lateAtMs) wakes.push(lateAtMs);
    named.push(inTime(check, answer, nowMs >= lateAtMs));
  }
  return {
    verdict: worstOf(named),
    waitingSinceMs,
    wakeAtMs: wakes.length === 0 ? undefined : Math.min(...wakes),
  };
}

function inTime(
  check: ClusterCheck,
  answer: Exclude<CheckAnswer, { kind: 'holds' }>,
  isLate: boolean,
): ChecksVerdict {
  const name = `check ${check.name}`;
  if (answer.kind !== 'waiting') return { ...answer, text: `${name}: ${answer.text}` };
  if (!isLate) return { kind: 'waiting', text: `${name}: ${answer.text}` };
  const text = `${name} did not pass within ${formatDurationMs(check.timeoutMs)}: ${answer.text}`;
  return { kind: 'failed', text, ref: answer.ref };
}

function worstOf(named: readonly ChecksVerdict[]): ChecksVerdict {
  for (const kind of ['blocked', 'failed', 'waiting'] as const) {
    const found = named.find((one) => one.kind === kind);
    if (found === undefined || found.kind === 'hold') continue;
    const more = named.length - 1;
    return more === 0 ? found : { ...found, text: `${found.text} (and ${more} more)` };
  }
  return { kind: 'hold' };
}
