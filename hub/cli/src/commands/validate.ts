import { runTests, type TestOutcome, type Validation, validateState } from '@flotilla/hub/core';
import { apiVersion } from '@flotilla/shared/model';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openLocal, readClusters, readState } from '../local/index.ts';
import { type OutputFormat, validationLines, writeDocument } from '../output/index.ts';

/** Flags of `validate`. */
export interface ValidateOptions {
  readonly output: OutputFormat;
  /** File of the fleet's clusters: then also what no cluster fits is told. */
  readonly clusters?: string | undefined;
  /** Warnings count as mistakes. */
  readonly strict?: boolean | undefined;
}

/** `flotilla validate [DIR]`: all mistakes of a working tree at once, without a hub; tests that stand in it are run. */
export async function validateFolder(
  folder: string,
  options: ValidateOptions,
  { signal, terminal }: Pick<CommandDeps, 'signal' | 'terminal'>,
): Promise<ExitCode> {
  await using repository = await openLocal(folder, signal);
  const clusters = options.clusters === undefined ? undefined : await readClusters(options.clusters);
  const state = await readState(repository, await repository.workingTree(signal), signal);
  const found = validateState(state, clusters);
  // Where a file cannot be read, tests would fail for what may stand in it.
  const tests = found.errors.length > 0 ? [] : runTests(found.spec, state, clusters);
  const { output } = options;
  if (output === 'json' || output === 'yaml') {
    await writeDocument(documentOf(found, tests), output, terminal);
  } else {
    const { mistakes, summary } = validationLines(found, tests, terminal.paint);
    for (const line of mistakes) terminal.print(line);
    terminal.say(summary);
  }
  const isBad =
    found.errors.length > 0 ||
    tests.some(({ result }) => result === 'failed') ||
    (options.strict === true && found.warnings.length > 0);
  return isBad ? exitCodes.difference : exitCodes.ok;
}

function documentOf({ documents, errors, warnings }: Validation, tests: readonly TestOutcome[]): object {
  return { apiVersion, kind: 'Validation', documents, errors, warnings, tests };
}
