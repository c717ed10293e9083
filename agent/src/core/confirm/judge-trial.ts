import type { Digest } from '@flotilla/shared/base';
import { formatDurationMs } from '@flotilla/shared/base';
import { compareVersions, type RowVersion } from '@flotilla/shared/model';
import type { Trial } from './trial.ts';

/** Everything that a trial's end follows from. All times are monotonic and of this run of the program. */
export interface TrialInput {
  readonly trial: Trial;
  readonly row: { readonly version: RowVersion; readonly digest: Digest };
  /** When this run began to watch the trial. */
  readonly sinceMs: number;
  /** When all of the change was applied; undefined = it is not, or not yet in this run. */
  readonly appliedAtMs: number | undefined;
  /** When hub or bus was last heard; undefined = never. */
  readonly heardAtMs: number | undefined;
  /** Trials of other assignments that are not over. */
  readonly others: readonly Pick<Trial, 'version' | 'isTakenBack'>[];
  readonly nowMs: number;
}

/** Where a trial stands. */
export type TrialVerdict =
  /** It goes on; look again at `wakeAtMs`. `silentMs` is the silence so far, a whole number. */
  | { readonly kind: 'waiting'; readonly silentMs: number; readonly wakeAtMs: number }
  /** The link outlived the change. */
  | { readonly kind: 'confirmed' }
  /** Nothing is to be taken back any more: another variant is wanted, or another change was taken back instead. */
  | { readonly kind: 'over' }
  /** The variant before is to be kept up from now on. */
  | { readonly kind: 'take-back' }
  /** That was decided before, for this very row. */
  | { readonly kind: 'taken-back' };

/** What a change does to a link may take a moment: what is heard sooner after it proves nothing. */
const settleMsMax = 30_000;
/** Parts of the time after which silence is written down, and the link looked at. */
const parts = 10;
const tickMs = { min: 100, max: 10_000 };

/**
 * Decides about a change on trial. The first rule that applies decides: what was taken back stays so until the next row;
 * another variant ends the trial; the link was heard after all was applied and had settled; hub and bus were silent
 * together for the whole time. Of several changes on trial only the newest is taken back, and then the others are over: one
 * silence has one culprit, and rolling all of them back would punish the others for it.
 */
export function judgeTrial(input: TrialInput): TrialVerdict {
  const { trial, row, heardAtMs, appliedAtMs, nowMs } = input;
  if (trial.isTakenBack)
    return compareVersions(row.version, trial.version) === 0 ? { kind: 'taken-back' } : { kind: 'over' };
  if (row.digest !== trial.variantDigest) return { kind: 'over' };
  const provenFromMs = appliedAtMs === undefined ? Number.POSITIVE_INFINITY : appliedAtMs + settleMs(trial);
  if (heardAtMs !== undefined && heardAtMs >= provenFromMs) return { kind: 'confirmed' };
  const newer = input.others.filter((one) => compareVersions(one.version, trial.version) > 0);
  if (newer.some((one) => one.isTakenBack)) return { kind: 'over' };
  const silentMs = silenceOf(input);
  if (silentMs >= trial.confirmMs && newer.length === 0) return { kind: 'take-back' };
  const pauseMs = Math.min(tickMs.max, Math.max(tickMs.min, trial.confirmMs / parts));
  const leftMs = trial.confirmMs - silentMs;
  const wakeAtMs = nowMs + (leftMs > 0 ? Math.min(pauseMs, leftMs) : pauseMs);
  return { kind: 'waiting', silentMs: Math.floor(silentMs), wakeAtMs };
}

/** How long neither hub nor bus was heard, over all runs of the program since the change began. */
function silenceOf({ trial, sinceMs, heardAtMs, nowMs }: TrialInput): number {
  if (heardAtMs !== undefined && heardAtMs >= sinceMs) return nowMs - heardAtMs;
  return trial.silentMs + nowMs - sinceMs;
}

/** How long after the last write the link has to be heard. */
function settleMs({ confirmMs }: Trial): number {
  return Math.min(settleMsMax, confirmMs / 2);
}

/** Whether silence is to be written down: so much more that a restart must not forget it, or less, for somebody was heard. */
export function isSilenceDue(stored: Trial, silentMs: number): boolean {
  return silentMs < stored.silentMs || silentMs - stored.silentMs >= stored.confirmMs / parts;
}

/** The trial as a new run of the program goes on with it: it first gets a tenth of the time to reach anybody. */
export function resumeTrial(trial: Trial): Trial {
  return { ...trial, silentMs: Math.min(trial.silentMs, trial.confirmMs - trial.confirmMs / parts) };
}

/**
 * The trial that a change begins with; undefined = it goes without one: nobody asked, there is nothing before it to go back
 * to, or neither hub nor bus was heard within the time before it, so that silence after it would prove nothing.
 */
export function beginTrial(change: {
  readonly confirmMs: number | undefined;
  readonly version: RowVersion;
  readonly variantDigest: Digest;
  readonly previousDigest: Digest | undefined;
  readonly heardAtMs: number | undefined;
  readonly nowMs: number;
}): Trial | undefined {
  const { confirmMs, version, variantDigest, previousDigest, heardAtMs, nowMs } = change;
  if (confirmMs === undefined || previousDigest === undefined || previousDigest === variantDigest)
    return undefined;
  if (heardAtMs === undefined || nowMs - heardAtMs > confirmMs) return undefined;
  return { version, variantDigest, previousDigest, confirmMs, silentMs: 0, isTakenBack: false };
}

/** Why a change was taken back, for the report. */
export function takenBackText({ confirmMs, previousDigest }: Trial): string {
  const time = formatDurationMs(confirmMs);
  return `taken back: neither hub nor bus was heard for ${time} after it; variant ${previousDigest.slice(0, 12)} runs again until the next row`;
}
