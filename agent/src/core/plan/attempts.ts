import type { Reasoned } from '@flotilla/shared/model';

/** A step that did not work. */
export interface Failure {
  /**
   * `final`: needs a change by a person (Stalled). `passing`: heals by itself (Progressing).
   * `immutable`: an update was refused because fields may not change; a fresh object might be accepted.
   */
  readonly severity: 'final' | 'passing' | 'immutable';
  readonly reason: Reasoned;
  /** When the server says so. */
  readonly retryAfterMs: number | undefined;
}

/**
 * What was tried since the last backoff ended or the row changed. One failed object is tried once; the rest goes on.
 * Keys are attemptKey().
 */
export interface Attempts {
  readonly failures: ReadonlyMap<string, Failure>;
  /** Objects whose dry run passed. */
  readonly dryRunPassed: ReadonlySet<string>;
  /** Foreign objects that are as wanted already. */
  readonly foundEqual: ReadonlySet<string>;
  /** Objects that the server would create anew. */
  readonly provenCreatable: ReadonlySet<string>;
  /** When discovery was asked afresh for kinds that were not served; monotonic. */
  readonly rediscoveredAtMs: number | undefined;
  /** Kinds that were not served and were asked after: whether they are gone for sure. */
  readonly gone: ReadonlyMap<string, boolean>;
  /** A failure that concerns the whole assignment: parent, journal, discovery. */
  readonly general: Failure | undefined;
}

/** Nothing was tried yet. */
export const noAttempts: Attempts = {
  failures: new Map(),
  dryRunPassed: new Set(),
  foundEqual: new Set(),
  provenCreatable: new Set(),
  rediscoveredAtMs: undefined,
  gone: new Map(),
  general: undefined,
};

/** Stands for the hash in the attemptKey() of a delete or release. */
export const deleteAttempt = 'delete';
/** Stands for the hash in the attemptKey() of a namespace that is only made sure of. */
export const ensureAttempt = 'ensure';

/** What an attempt is remembered by: a new content of the same object is a new attempt. */
export function attemptKey(object: { readonly key: string; readonly hash: string }): string {
  return `${object.key}@${object.hash}`;
}
