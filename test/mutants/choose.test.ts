import { describe, expect, it } from 'vitest';
import { chosenBy, sampleOf, unknownWords } from './choose.ts';
import type { Mutant } from './mutant.ts';

const ids = ['I1-stale', 'I1-other', 'I2-cap', 'I11-lifted', 'I12-late'] as const;
const mutants = ids.map((id): Mutant => ({ id, file: '', find: 'a', replace: 'b' }));
const idsOf = (list: readonly Mutant[]) => list.map((one) => one.id);

describe('words of the command line', () => {
  it('mean an invariant, one mutant, or all that begin so', () => {
    expect(idsOf(chosenBy([], mutants))).toEqual(ids);
    expect(idsOf(chosenBy(['I1'], mutants))).toEqual(['I1-stale', 'I1-other']);
    expect(idsOf(chosenBy(['I2-cap', 'I1-o'], mutants))).toEqual(['I1-other', 'I2-cap']);
  });

  it('that mean nothing are told', () => {
    expect(unknownWords(['I1', 'I3', 'cap'], mutants)).toEqual(['I3', 'cap']);
  });
});

describe('sampleOf', () => {
  it('draws so many, in order, the same for the same seed', () => {
    const sample = sampleOf(mutants, 3, 'commit');
    expect(sample).toHaveLength(3);
    expect(mutants.filter((one) => sample.includes(one))).toEqual(sample);
    expect(sampleOf(mutants, 3, 'commit')).toEqual(sample);
    expect(sampleOf(mutants, 9, 'commit')).toEqual(mutants);
  });

  it('comes by every mutant as commits go by', () => {
    const drawn = new Set(Array.from({ length: 40 }, (_, index) => sampleOf(mutants, 1, `${index}`)[0]?.id));
    expect(drawn).toEqual(new Set(ids));
  });
});
