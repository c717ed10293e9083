import type { GitId, Result } from '../base/index.ts';
import type { Ref } from './ref.ts';

/** A ref that was found. `name` is undefined when the wanted text is a full commit id. */
export interface ResolvedRef {
  readonly kind: 'branch' | 'tag' | 'commit' | 'head';
  readonly name?: string;
  /** The commit; of an annotated tag the commit behind it. */
  readonly id: GitId;
}

/** Why a wanted ref gives no commit. */
export interface RefProblem {
  readonly code: 'REF_MISSING' | 'REF_AMBIGUOUS' | 'REF_INVALID';
  /** A sentence for people, with near names where there are some. */
  readonly text: string;
}

/**
 * Turns what a person wrote (branch, tag, `HEAD`, `refs/…`, a full commit id) into a commit id, from the refs listed.
 * Pure. A name that is both a branch and a tag is ambiguous unless both give the same commit.
 */
export function resolveRef(_refs: readonly Ref[], _wanted: string): Result<ResolvedRef, RefProblem> {
  throw new Error('being built');
}
