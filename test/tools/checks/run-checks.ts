import { runChild } from '../child.ts';
import { packageCommand, rootFolder } from '../paths.ts';
import type { Check, CheckOutcome } from './check.ts';
import { generatedCode } from './generated-code.ts';
import { formatAndLint, types } from './static-checks.ts';

const checks: readonly Check[] = [formatAndLint, types, generatedCode];

async function runCheck(check: Check, signal: AbortSignal): Promise<CheckOutcome> {
  const outcome = await check.run(signal);
  process.stderr.write(`check: ${outcome.isGood ? 'good  ' : 'FAILED'} ${check.name}\n`);
  if (!outcome.isGood) process.stderr.write(`${outcome.text}\n`);
  return { name: check.name, ...outcome };
}

/** Runs every check that is not a test, all at once; what fails is printed with the tool's own words. */
export function runStaticChecks(signal: AbortSignal): Promise<readonly CheckOutcome[]> {
  return Promise.all(checks.map((check) => runCheck(check, signal)));
}

/** `npm run check`: the checks above, then the tidy tests. Answers with the exit code. */
export async function checkRepository(args: readonly string[], signal: AbortSignal): Promise<number> {
  const outcomes = await runStaticChecks(signal);
  const tidy = await runChild(packageCommand('vitest'), ['run', '--project', 'tidy', ...args], {
    cwd: rootFolder,
    output: 'show',
    signal,
  });
  return outcomes.every((outcome) => outcome.isGood) && tidy.code === 0 ? 0 : 1;
}
