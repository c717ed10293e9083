import type { ObjectRef } from '@flotilla/shared/model';

/** What is known of one check. */
export type CheckAnswer =
  | { readonly kind: 'holds' }
  /** It does not hold now, and may by itself. */
  | { readonly kind: 'waiting'; readonly text: string; readonly ref: ObjectRef | undefined }
  /** It did not pass, and will not by itself. */
  | { readonly kind: 'failed'; readonly text: string; readonly ref: ObjectRef | undefined }
  /** It cannot be asked until somebody changes a right or the check. `code` is UpperCamelCase. */
  | {
      readonly kind: 'blocked';
      readonly code: string;
      readonly text: string;
      readonly ref: ObjectRef | undefined;
    };

/** A check that does not hold is asked again soon, less often the longer it takes. */
const waitingPauseMs = { min: 1_000, max: 30_000 };
/** One that holds is asked often enough that a soak of some minutes notices when it stops. */
const holdingPauseMs = { min: 10_000, max: 60_000 };

/**
 * The pause before a check is asked again that has had its answer for so long. `unreadForMs`: since when its object cannot
 * be read; what it was is believed for less than a minute, so it is asked as if it did not hold.
 */
export function checkPauseMs(isHolding: boolean, forMs: number, unreadForMs?: number): number {
  const { min, max } = isHolding && unreadForMs === undefined ? holdingPauseMs : waitingPauseMs;
  return Math.max(min, Math.min(max, (unreadForMs ?? forMs) / 10));
}
