import type { Digest } from '@flotilla/shared/base';
import type { ObjectRef, Reasoned } from '@flotilla/shared/model';
import type { Step } from './step.ts';

/** Something that keeps an object or the whole assignment from its goal. */
export interface Blocked extends Reasoned {
  /** True: only a person's change helps (Stalled). False: it passes or is waited for (Progressing). */
  readonly isFinal: boolean;
  /** The object it is about; undefined = the assignment. */
  readonly ref: ObjectRef | undefined;
  /** The assignment that has the object, or the better claim to it, when that is why. Absent = it is not. */
  readonly ownedBy?: string | undefined;
}

/** An object that differs from what was applied and is left so. */
export interface Drifted {
  readonly ref: ObjectRef;
  readonly kind: 'changed' | 'missing';
}

/** Deletes that wait for a person. */
export interface HeldList {
  /** Hash of the sorted list; a permission names it. */
  readonly listHash: Digest;
  readonly refs: readonly ObjectRef[];
  readonly reason: string;
}

/** The next safe steps, independent of each other, and what stands in the way of the rest. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly blocked: readonly Blocked[];
  /** Nothing is left to do: everything is applied, pruned, written down. */
  readonly settled: boolean;
  /** Everything wanted is as rendered (or drifted where drift is only reported); prunes may be open. */
  readonly isApplied: boolean;
  /** Wanted objects that are as rendered. */
  readonly appliedObjects: number;
  /** Owned objects that are to go. */
  readonly pruning: number;
  readonly drifted: readonly Drifted[];
  readonly heldPrune: HeldList | undefined;
  /** Plan again after so long although nothing happened; undefined = on events only. */
  readonly recheckAfterMs: number | undefined;
}
