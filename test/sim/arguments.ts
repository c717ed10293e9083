import { parseArgs } from 'node:util';
import { err, ok, type Result } from '@flotilla/shared/base';

/** What a run of the simulation is asked. */
export interface SimRequest {
  /** Seeds `from` to `from + count - 1`. */
  readonly from: number;
  readonly count: number;
  /** Prints what happened in each seed, line by line. */
  readonly hasTrace: boolean;
}

/** As many seeds as CI lives through. */
export const seedsInCi = 2_000;

export const usage = `usage: npm run sim -- [--seeds N] [--from S]    so many seeds from S on (default ${seedsInCi})
       npm run sim -- --seed S [--trace]       one seed, with all that happened in it

Without --from the first seed is 1, or is drawn from FLOTILLA_SAMPLE_SEED where that is set.
`;

/** Reads the command line; fails with what is wrong with it. */
export function parseArguments(
  args: readonly string[],
  sampleSeed: string | undefined,
): Result<SimRequest, string> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        seed: { type: 'string' },
        from: { type: 'string' },
        trace: { type: 'boolean', default: false },
      },
    });
    const { from, seed, seeds, trace } = values;
    if (seed !== undefined && (seeds ?? from) !== undefined)
      return err('--seed is one seed: it goes with neither --seeds nor --from');
    const numbers = [
      seed ?? from ?? String(firstSeed(sampleSeed)),
      seed === undefined ? (seeds ?? String(seedsInCi)) : '1',
    ];
    const [first = Number.NaN, count = Number.NaN] = numbers.map((text) =>
      /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN,
    );
    if (Number.isNaN(first) || Number.isNaN(count) || count < 1)
      return err(`seeds are whole numbers of at most nine digits: ${args.join(' ')}`);
    return ok({ from: first, count, hasTrace: trace });
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/** Where a sample begins: another place for each commit, the same for the same one. */
export function firstSeed(sampleSeed: string | undefined): number {
  if (sampleSeed === undefined || sampleSeed === '') return 1;
  let sum = 0;
  for (const character of sampleSeed) sum = (sum * 31 + character.charCodeAt(0)) % 900_000_000;
  return sum;
}
