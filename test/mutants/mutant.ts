/** One line of an invariant's story: the rule of the rollout design that its tests hold the code to. */
export type InvariantName = `I${number}`;

/** Six places without which a randomized model of the design breaks; each has a mutant that takes it away. */
export const loadBearing = [
  'conditional append',
  'exact-version evidence',
  "the agent's version check",
  'freshness',
  'budget batch',
  'prune exemption',
] as const;
/** One of those places. */
export type LoadBearing = (typeof loadBearing)[number];

/** One line of the product, broken on purpose, and the invariant that this must break. */
export interface Mutant {
  /** The invariant's name and what is broken, e.g. `I2-one-too-many`. */
  readonly id: `${InvariantName}-${string}`;
  /** The place that this takes away, if it is one of the six. */
  readonly takesAway?: LoadBearing;
  /** Path from the repository's root. */
  readonly file: string;
  /** Occurs exactly once in the file; within one line. */
  readonly find: string;
  readonly replace: string;
  /** The test file in which a test of the invariant must fail; absent = any of the invariant's files. */
  readonly caughtIn?: string;
}

/** The invariant that a mutant must break. */
export function invariantOf({ id }: Pick<Mutant, 'id'>): InvariantName {
  // The id's type says that it begins with one.
  return id.slice(0, id.indexOf('-')) as InvariantName;
}
