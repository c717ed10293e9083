import { type GitId, shortId } from '@flotilla/shared/base';
import type { Reasoned } from '@flotilla/shared/model';

/** A look at the control repository that came to nothing. */
export interface FailedLook {
  /** Without credentials. */
  readonly url: string;
  readonly ref: string;
  /** Commit in force; undefined = none yet. */
  readonly inForce: GitId | undefined;
  readonly code: string;
  /** What went wrong, first cause included. */
  readonly text: string;
  /** What a person does about it; undefined when nobody knows. */
  readonly advice: string | undefined;
}

/** Says that the control repository cannot be read: what, where, why, what to do, and what is still true. */
export function controlFailure({ url, ref, inForce, code, text, advice }: FailedLook): Reasoned {
  const where = text.includes(url) ? '' : ` of ${url}`;
  const stays =
    inForce === undefined ? 'nothing is in force yet' : `commit ${shortId(inForce)} stays in force`;
  const parts = [`${ref}${where} cannot be read: ${text}`, advice ?? '', stays];
  return {
    code,
    text: `control repository: ${parts.filter((part) => part !== '').join('; ')}`,
    subject: url,
  };
}
