/** What became of a seed, as it goes from process to process. */
export interface SeedReport {
  readonly seed: number;
  /** `I4: …`; undefined = every invariant held. */
  readonly failure: string | undefined;
  /** Digest of all that happened: equal for equal runs. */
  readonly hash: string;
  /** Decisions in the log, by kind. */
  readonly kinds: { readonly [kind: string]: number };
}

/** What a worker says: a seed begins, or is over. */
export type WorkerNews =
  | { readonly kind: 'begins'; readonly seed: number }
  | ({ readonly kind: 'over' } & SeedReport);

/** What a worker is asked. */
export interface WorkerTask {
  readonly from: number;
  readonly count: number;
}
