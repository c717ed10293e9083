/** What one check found. */
export interface CheckOutcome {
  readonly name: string;
  readonly isGood: boolean;
  /** What the tool printed, for people; empty when there is nothing to say. */
  readonly text: string;
}

/** One check of the whole repository that is not a vitest test. */
export interface Check {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<Omit<CheckOutcome, 'name'>>;
}
