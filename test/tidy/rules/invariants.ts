import { breakText } from '../../mutants/break-text.ts';
import { catalogue } from '../../mutants/catalogue/index.ts';
import { type Invariant, invariants } from '../../mutants/invariants.ts';
import { invariantOf, loadBearing, type Mutant } from '../../mutants/mutant.ts';
import type { Repository } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';

/** The design counts its invariants up to here. */
const invariantsMax = 24;
const mutantsMin = 2;
const table = 'test/mutants/invariants.ts';
const folder = 'test/mutants/catalogue';

type Invariants = Readonly<Record<string, Invariant>>;

/** Names of tests and groups that a file has, as far as they are written out. */
function hasTestOf(text: string, invariant: string): boolean {
  return new RegExp(`\\b(?:it|test|describe)\\(\\s*['"\`]${invariant}: `).test(text);
}

/** Every invariant has its tests: the table names the files, the tests' names the invariant. */
export function invariantRule(rows: Invariants = invariants): Rule {
  return {
    name: 'every invariant of the rollout design has property tests that are named after it',
    reason: 'what must always hold is only as true as the test that would fail without it',
    find: (repository) =>
      Array.from({ length: invariantsMax }, (_, index) => `I${index + 1}`).flatMap((name) =>
        judgeInvariant(repository, name, rows[name]),
      ),
  };
}

function judgeInvariant(
  repository: Repository,
  name: string,
  row: Invariant | undefined,
): readonly Finding[] {
  if (row === undefined || row.tests.length === 0) return [{ path: table, what: `has no test for ${name}` }];
  return row.tests.flatMap((path): Finding[] => {
    const file = repository.files.find((one) => one.path === path);
    if (file === undefined) return [{ path: table, what: `names ${path}, which is not there` }];
    return hasTestOf(file.text, name)
      ? []
      : [{ path, what: `has no test whose name begins with "${name}: "` }];
  });
}

/** The catalogue fits the code as it is, and has something to say about every invariant. */
export function mutantRule(mutants: readonly Mutant[] = catalogue, rows: Invariants = invariants): Rule {
  return {
    name: 'every mutant fits its file, and every invariant has mutants',
    reason: 'a mutant that cannot be applied any more proves nothing; put its text in step with the code',
    find: (repository) => [
      ...mutants.flatMap((mutant) => judgeMutant(repository, mutant)),
      ...doubles(mutants),
      ...Object.keys(rows)
        .filter((name) => mutants.filter((one) => invariantOf(one) === name).length < mutantsMin)
        .map((name) => ({ path: folder, what: `has less than ${mutantsMin} mutants for ${name}` })),
      ...loadBearing
        .filter((place) => !mutants.some((one) => one.takesAway === place))
        .map((place) => ({ path: folder, what: `has no mutant that takes away: ${place}` })),
    ],
  };
}

function judgeMutant(repository: Repository, mutant: Mutant): readonly Finding[] {
  const file = repository.files.find((one) => one.path === mutant.file);
  if (file === undefined)
    return [{ path: mutant.file, what: `is not there, but mutant ${mutant.id} is of it` }];
  const broken = breakText(file.text, mutant);
  return broken.ok ? [] : [{ path: mutant.file, what: `has a mutant ${mutant.id} that ${broken.error}` }];
}

function doubles(mutants: readonly Mutant[]): readonly Finding[] {
  const ids = mutants.map((one) => one.id);
  return ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map((id) => ({ path: folder, what: `has two mutants ${id}` }));
}
