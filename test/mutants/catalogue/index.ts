import type { Mutant } from '../mutant.ts';
import { gateMutants } from './gates.ts';

/** Every mutant that `npm run mutants` applies. */
export const catalogue: readonly Mutant[] = [...gateMutants];
