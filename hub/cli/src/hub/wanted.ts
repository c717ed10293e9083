/** A token that a person wants. */
export interface TokenWanted {
  readonly name: string;
  /** For a registered cluster whose agent lost its identity. */
  readonly rejoin: boolean;
  readonly labels: { readonly [key: string]: string };
  readonly ttlMs: number;
  readonly reason: string;
}

/** Of which state of the control repository a plan is wanted. */
export type PlanWanted = { readonly [field in 'commit' | 'ref']?: string | undefined };

/** What a person asks of a rollout. */
export interface OperationWanted {
  readonly reason: string;
  readonly expectedSeq?: number | undefined;
  /** Of approve. */
  readonly stage?: string | undefined;
  /** Of skip and approve-prune. */
  readonly cluster?: string | undefined;
  /** Of approve-prune. */
  readonly hash?: string | undefined;
}
