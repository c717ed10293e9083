import { limits } from '@flotilla/shared/base';
import { type Schedule, type Span, spansOf } from '../schedule/index.ts';

/** The schedules that have a say on a cluster. */
export interface Schedules {
  /** While one of them is on, nothing begins. */
  readonly denies: readonly Schedule[];
  /** If there are any, something begins only while one of them is on. */
  readonly allows: readonly Schedule[];
}

/** Whether changes may begin at a moment. Until `untilMs` no schedule goes on or off. */
export type Opening =
  | { readonly kind: 'open'; readonly untilMs: number }
  | {
      readonly kind: 'closed';
      readonly untilMs: number;
      /** Undefined = not before `lookedUntilMs`. */
      readonly opensAtMs: number | undefined;
      readonly lookedUntilMs: number;
      /** Which schedule to name: of the denies the one that is on and ends last, else of the allows the one that is on next. */
      readonly by: { readonly mode: 'allow' | 'deny'; readonly index: number };
    };

/** A schedule that is on at `atMs` or begins after it; undefined = it is never on again, as far as one looks. */
type Line = (atMs: number) => Span | undefined;

/** Whether the schedules let changes begin at `nowMs`, and until when not: denies win, and all of them are joined. */
export function openingAt(schedules: Schedules, nowMs: number): Opening {
  const untilMs = nowMs + limits.windowLookMsMax;
  const lineOf = (schedule: Schedule) => lineFrom(spansOf(schedule, nowMs, untilMs));
  const denies = schedules.denies.map(lineOf);
  const allows = schedules.allows.map(lineOf);
  const by = closer(denies, allows, nowMs);
  const changes = [...denies, ...allows].map((line) => nextChange(line, nowMs));
  const sameUntilMs = Math.min(untilMs, ...changes);
  if (by === undefined) return { kind: 'open', untilMs: sameUntilMs };
  const { atMs, isFound } = firstOpening(denies, allows, { fromMs: nowMs, untilMs });
  const opensAtMs = isFound ? atMs : undefined;
  return { kind: 'closed', untilMs: sameUntilMs, opensAtMs, lookedUntilMs: Math.min(atMs, untilMs), by };
}

function nextChange(line: Line, atMs: number): number {
  const span = line(atMs);
  if (span === undefined) return Number.POSITIVE_INFINITY;
  return span.startMs <= atMs ? span.endMs : span.startMs;
}

function closer(
  denies: readonly Line[],
  allows: readonly Line[],
  atMs: number,
): { readonly mode: 'allow' | 'deny'; readonly index: number } | undefined {
  const ends = denies.map((line) => onAt(line, atMs)?.endMs ?? 0);
  const lastMs = Math.max(0, ...ends);
  if (lastMs > 0) return { mode: 'deny', index: ends.indexOf(lastMs) };
  if (allows.length === 0 || allows.some((line) => onAt(line, atMs) !== undefined)) return undefined;
  const starts = allows.map((line) => line(atMs)?.startMs ?? Number.POSITIVE_INFINITY);
  return { mode: 'allow', index: starts.indexOf(Math.min(...starts)) };
}

/** The first moment at which nothing closes, or how far one looked. */
function firstOpening(
  denies: readonly Line[],
  allows: readonly Line[],
  look: { readonly fromMs: number; readonly untilMs: number },
): { readonly atMs: number; readonly isFound: boolean } {
  let atMs = look.fromMs;
  for (let step = 0; step < limits.windowStepsMax && atMs <= look.untilMs; step += 1) {
    const deny = denies.map((line) => onAt(line, atMs)).find((span) => span !== undefined);
    if (deny !== undefined) {
      atMs = deny.endMs;
      continue;
    }
    const next = allows.map((line) => line(atMs)?.startMs ?? Number.POSITIVE_INFINITY);
    const firstMs = allows.length === 0 ? atMs : Math.min(...next);
    if (firstMs <= atMs) return { atMs, isFound: true };
    atMs = firstMs;
  }
  return { atMs: Math.min(atMs, look.untilMs), isFound: false };
}

function onAt(line: Line, atMs: number): Span | undefined {
  const span = line(atMs);
  return span !== undefined && span.startMs <= atMs ? span : undefined;
}

/** Asked for moments that never go back. */
function lineFrom(spans: Generator<Span>): Line {
  let span: Span | undefined;
  let isOver = false;
  return (atMs) => {
    while (!isOver && (span === undefined || span.endMs <= atMs)) {
      const next = spans.next();
      isOver = next.done === true;
      span = next.done === true ? undefined : next.value;
    }
    return span;
  };
}
