import type { Result } from '@flotilla/shared/base';
import type { CelProgram } from '@flotilla/shared/base/cel';
import type { ObjectRef, Row } from '@flotilla/shared/model';
import {
  type CheckAnswer,
  type ChecksVerdict,
  emptyRuns,
  type JobRuns,
  unaskedChecks,
} from '../../core/index.ts';

/** What is kept of the checks of an assignment between two looks. */
export interface CheckMemory {
  /** What all of them came to. */
  verdict: ChecksVerdict;
  /** Monotonic, by check: since when it has not held without a break. */
  waitingSinceMs: ReadonlyMap<string, number>;
  /** By check. */
  readonly asked: Map<string, AskedMemory>;
  /** Monotonic: when something is to be asked or given up although nothing happened; undefined = nothing is. */
  wakeAtMs: number | undefined;
  /** The Jobs that may exist, as they are stored. */
  runs: JobRuns;
  /** Why what is stored of them cannot be read; nothing is run or deleted then. */
  runsProblem: string | undefined;
  /** The Jobs that the cluster had when this process began are among `runs`. */
  areStraysKnown: boolean;
  /** Why Jobs of older rows are still there; undefined = none is known to be. */
  sweepTrouble: SweepTrouble | undefined;
  /** Monotonic: they are tried again then. */
  sweepAtMs: number;
}

/** What keeps a Job that nobody wants any more from being deleted. */
export type SweepTrouble = Extract<CheckAnswer, { kind: 'waiting' | 'blocked' }>;

/** What is kept of one check. */
export interface AskedMemory {
  answer: CheckAnswer;
  /** Monotonic: since when the answer is of this kind. */
  sinceMs: number;
  /** Monotonic: it is not asked again before. */
  dueAtMs: number;
  /** Monotonic: since when its object cannot be read; undefined = it can. */
  unreadSinceMs: number | undefined;
  /** The object that was read last, and when it was first seen (monotonic). */
  seen: { readonly uid: string; readonly atMs: number } | undefined;
  program: Result<CelProgram, string> | undefined;
  /** The object that it is about, once that is known; undefined for a Job. */
  ref: ObjectRef | undefined;
}

/** Of a check that nobody asked. */
export function newAsked(): AskedMemory {
  return {
    answer: { kind: 'waiting', text: 'was not asked yet', ref: undefined },
    sinceMs: 0,
    dueAtMs: 0,
    unreadSinceMs: undefined,
    seen: undefined,
    program: undefined,
    ref: undefined,
  };
}

/** Of a row whose checks nobody asked. */
export function newCheckMemory(row: Row): CheckMemory {
  return {
    verdict: unaskedChecks(row),
    waitingSinceMs: new Map(),
    asked: new Map(),
    wakeAtMs: undefined,
    runs: emptyRuns,
    runsProblem: undefined,
    areStraysKnown: false,
    sweepTrouble: undefined,
    sweepAtMs: 0,
  };
}

/** Nothing that was found out counts any more; what runs, or ran, is still known. */
export function forgetAnswers(memory: CheckMemory, row: Row): void {
  memory.verdict = unaskedChecks(row);
  memory.waitingSinceMs = new Map();
  memory.asked.clear();
  memory.wakeAtMs = undefined;
}

/** Has everything asked at the next look: something that a check is about has changed. */
export function askSoon({ asked }: CheckMemory): void {
  for (const one of asked.values()) one.dueAtMs = 0;
}
