import { describe, expect, it } from 'vitest';
import type { Invariant } from '../../mutants/invariants.ts';
import { loadBearing, type Mutant } from '../../mutants/mutant.ts';
import { repositoryOf } from '../repository.ts';
import { invariantRule, mutantRule } from './invariants.ts';

const names = Array.from({ length: 24 }, (_, index) => `I${index + 1}`);
const rows = Object.fromEntries(
  names.map((name): [string, Invariant] => [name, { says: '', tests: ['hub/all.laws.test.ts'] }]),
);
const tests = names.map((name) => `it('${name}: holds', () => {});`).join('\n');
const judge = (text: string, changed: typeof rows = rows) =>
  invariantRule(changed)
    .find(repositoryOf({ 'hub/all.laws.test.ts': text }))
    .map(({ path, what }) => `${path} ${what}`);

describe('an invariant', () => {
  it('has a test that begins with its name, in every file that the table names', () => {
    expect(judge(tests)).toEqual([]);
    expect(judge(tests.replace('I7: ', 'I77: '))).toEqual([
      'hub/all.laws.test.ts has no test whose name begins with "I7: "',
    ]);
  });

  it('may give its name to a group, and has at least one file that is there', () => {
    expect(judge(tests.replace("it('I7: ", "describe('I7: "))).toEqual([]);
    expect(judge(tests, { ...rows, I7: { says: '', tests: [] } })).toEqual([
      'test/mutants/invariants.ts has no test for I7',
    ]);
    expect(judge(tests, { ...rows, I7: { says: '', tests: ['gone.ts'] } })).toEqual([
      'test/mutants/invariants.ts names gone.ts, which is not there',
    ]);
  });
});

describe('a mutant', () => {
  const file = 'hub/src/cap.ts';
  const good = (id: Mutant['id'], more: Partial<Mutant> = {}): Mutant => ({
    id,
    file,
    find: 'a < b',
    replace: 'a <= b',
    ...more,
  });
  const six = loadBearing.map((takesAway, index) => good(`I2-x${index}`, { takesAway }));
  const find = (...mutants: readonly Mutant[]) =>
    mutantRule([...six, ...mutants], { I2: { says: '', tests: [] } })
      .find(repositoryOf({ [file]: 'const isLess = a < b;\n' }))
      .map(({ path, what }) => `${path} ${what}`);

  it('fits its file', () => {
    expect(find(good('I2-one'))).toEqual([]);
    expect(find(good('I2-stale', { find: 'a > b' }))).toEqual([
      'hub/src/cap.ts has a mutant I2-stale that is stale: "a > b" does not occur',
    ]);
    expect(find(good('I2-gone', { file: 'gone.ts' }))).toEqual([
      'gone.ts is not there, but mutant I2-gone is of it',
    ]);
    expect(find(good('I2-x0'))).toEqual(['test/mutants/catalogue has two mutants I2-x0']);
  });

  it('is there twice for each invariant, and once for each place that bears', () => {
    const few = mutantRule([good('I2-one')], { I2: { says: '', tests: [] } }).find(
      repositoryOf({ [file]: 'a < b' }),
    );
    expect(few.map(({ what }) => what)).toEqual([
      'has less than 2 mutants for I2',
      ...loadBearing.map((place) => `has no mutant that takes away: ${place}`),
    ]);
  });
});
