import { seededRandom } from '@flotilla/shared/base';
import { invariantOf, type Mutant } from './mutant.ts';

/** The mutants that these words mean: ids, beginnings of ids, or invariants; all of them without a word. */
export function chosenBy(words: readonly string[], mutants: readonly Mutant[]): readonly Mutant[] {
  if (words.length === 0) return mutants;
  const isMeant = (mutant: Mutant, word: string) =>
    word === invariantOf(mutant) || (word.includes('-') && mutant.id.startsWith(word));
  return mutants.filter((mutant) => words.some((word) => isMeant(mutant, word)));
}

/** Words that mean no mutant. */
export function unknownWords(words: readonly string[], mutants: readonly Mutant[]): readonly string[] {
  return words.filter((word) => chosenBy([word], mutants).length === 0);
}

/** So many of the mutants, drawn by the seed: the same seed draws the same ones. In the catalogue's order. */
export function sampleOf(mutants: readonly Mutant[], count: number, seed: string): readonly Mutant[] {
  let sum = 0;
  for (const character of seed) sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003;
  const random = seededRandom(sum);
  const left = [...mutants];
  while (left.length > count) left.splice(Math.floor(random.next() * left.length), 1);
  return left;
}
