import type { TestOutcome, Validation } from '@flotilla/hub/core';
import type { Painter } from './colour.ts';
import { mistakeText } from './columns.ts';
import { plural } from './count-lines.ts';
import { printable } from './printable.ts';

/** What is wrong with a working tree, a line for each mistake as compilers print them, and one line that sums it up. */
export function validationLines(
  { documents, errors, warnings }: Validation,
  tests: readonly TestOutcome[],
  paint: Painter,
): { readonly mistakes: readonly string[]; readonly summary: string } {
  const failed = tests.filter(({ result }) => result === 'failed');
  const total = Object.values(documents).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(documents).map(([kind, count]) => `${count} ${kind}`);
  const counts = [
    plural(errors.length, 'mistake'),
    plural(warnings.length, 'warning'),
    ...(failed.length > 0 ? [plural(failed.length, 'failed test')] : []),
  ];
  return {
    mistakes: [
      ...errors.map((one) => printable(mistakeText(one))),
      ...warnings.map((one) => `${paint('warning', 'moving')} ${printable(mistakeText(one))}`),
      ...failed.flatMap((one) => failureLines(one)),
    ],
    summary: `${counts.join(', ')}${errors.length > 0 ? ', tests not run,' : ''} in ${plural(total, 'document')}${total === 0 ? '' : ` (${kinds.join(', ')})`}`,
  };
}

/** What came of tests, a line for each and one for each expectation that does not hold; and one line that sums it up. */
export function testLines(
  tests: readonly TestOutcome[],
  errors: Validation['errors'],
  paint: Painter,
): { readonly results: readonly string[]; readonly summary: string } {
  const count = (result: TestOutcome['result']) => tests.filter((one) => one.result === result).length;
  const tones = { passed: 'good', failed: 'bad', skipped: 'unknown' } as const;
  return {
    results: [
      ...errors.map((one) => printable(mistakeText(one))),
      ...tests.flatMap((one) => {
        const why = one.text === '' ? '' : `: ${one.text}`;
        const line = `${paint(one.result.padEnd(7), tones[one.result])}  ${one.name}${why}`;
        return [line, ...failureLines(one).map((failure) => `  ${failure}`)];
      }),
    ],
    summary:
      errors.length > 0
        ? `${plural(errors.length, 'mistake')}: no test was run`
        : `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`,
  };
}

/** `file:line:column CODE text`. */
function failureLines({ failures, name }: TestOutcome): readonly string[] {
  return failures.map(({ at, code, text }) =>
    printable(mistakeText({ ...at, code, text: `${name}: ${text}` })),
  );
}
