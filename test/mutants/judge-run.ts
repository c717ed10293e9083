import type { InvariantName } from './mutant.ts';

/** What a run of one test file came to. */
export interface SeenRun {
  /** Tests that ended, in order. */
  readonly tests: readonly SeenTest[];
  /** What kept the file from being loaded, and what nobody caught. */
  readonly troubles: readonly string[];
}

/** One test that ended. */
export interface SeenTest {
  /** Names of its groups and its own, with spaces between. */
  readonly name: string;
  /** Name and message of the error at the bottom of what made it fail; undefined = it passed. */
  readonly failure: { readonly name: string; readonly message: string } | undefined;
}

/**
 * - killed: a test of the invariant failed, and for a reason
 * - survived: all of them passed, though the code was broken
 * - invalid: the run says nothing about the invariant
 */
export type Verdict =
  | { readonly kind: 'killed'; readonly by: string }
  | { readonly kind: 'survived' }
  | { readonly kind: 'invalid'; readonly why: string };

/** Failures of code that is wrong in itself: whatever breaks this way would never be committed. */
const blunders = ['SyntaxError', 'ReferenceError', 'TypeError'];

/** What the run of a mutant in one file says. */
export function judgeRun({ tests, troubles }: SeenRun): Verdict {
  const [trouble] = troubles;
  if (trouble !== undefined) return { kind: 'invalid', why: trouble };
  if (tests.length === 0) return { kind: 'invalid', why: 'no test of the invariant ran' };
  const failed = tests.filter((one) => one.failure !== undefined);
  const [sound] = failed.filter((one) => !blunders.includes(one.failure?.name ?? ''));
  if (sound !== undefined) return { kind: 'killed', by: sound.name };
  const [blunder] = failed;
  if (blunder === undefined) return { kind: 'survived' };
  const { name, message } = blunder.failure ?? { name: '', message: '' };
  return { kind: 'invalid', why: `"${blunder.name}" fails by ${name}, not by what it expects: ${message}` };
}

/** Why a file can judge no mutant: without any its tests of the invariant must run and pass. Undefined = it can. */
export function whyNoJudge(run: SeenRun): string | undefined {
  const verdict = judgeRun(run);
  if (verdict.kind === 'survived') return undefined;
  return verdict.kind === 'killed' ? `"${verdict.by}" fails without a mutant` : verdict.why;
}

/** Matches the full names of an invariant's tests: its name begins the test's own, or that of one of its groups. */
export function namedAfter(invariant: InvariantName): RegExp {
  return new RegExp(`(?:^| )${invariant}: `);
}
