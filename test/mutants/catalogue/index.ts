/** The mutants, by what they break. Each id begins with the invariant that a test must see broken. */
import type { Mutant } from '../mutant.ts';
import { clusterMutants } from './clusters.ts';
import { gateMutants } from './gates.ts';
import { peopleMutants } from './people.ts';
import { progressMutants } from './progress.ts';
import { recordMutants } from './records.ts';

/** Every mutant that `npm run mutants` applies. */
export const catalogue: readonly Mutant[] = [
  ...gateMutants,
  ...peopleMutants,
  ...progressMutants,
  ...recordMutants,
  ...clusterMutants,
];
