import { assert, type Random, seededRandom } from '@flotilla/shared/base';

/** The chance of one seed, with the draws that a simulation needs. */
export interface Chance extends Random {
  /** True in `share` of the cases, 0 to 1. */
  is(share: number): boolean;
  /** A whole number from `min` to `max`. */
  whole(min: number, max: number): number;
  /** One of them; there must be one. */
  of<Value>(values: readonly Value[]): Value;
  /** Some of them, in order. */
  some<Value>(values: readonly Value[], share: number): readonly Value[];
  /** Milliseconds between the two, short ones as likely as long ones ten times as long. */
  duration(minMs: number, maxMs: number): number;
  /** Chance of its own for a part of the world: what one part draws does not move the others. */
  branch(): Chance;
}

/** The same seed draws the same. */
export function chanceOf(seed: number): Chance {
  const random = seededRandom(seed);
  const next = () => random.next();
  return {
    next,
    is: (share) => next() < share,
    whole: (min, max) => min + Math.floor(next() * (max - min + 1)),
    of<Value>(values: readonly Value[]): Value {
      assert(values.length > 0, 'there is something to choose from');
      // The index is within the list.
      return values[Math.floor(next() * values.length)] as Value;
    },
    some: (values, share) => values.filter(() => next() < share),
    duration: (minMs, maxMs) => Math.round(minMs * (maxMs / minMs) ** next()),
    branch: () => chanceOf(Math.floor(next() * 2 ** 32)),
  };
}
