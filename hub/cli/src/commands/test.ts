import { runTests, validateState } from '@flotilla/hub/core';
import { apiVersion } from '@flotilla/shared/model';
import { usageError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openLocal, readClusters, readState } from '../local/index.ts';
import { type OutputFormat, testLines, writeDocument } from '../output/index.ts';

/** Flags of `test`. */
export interface TestOptions {
  readonly output: OutputFormat;
  /** File of clusters for tests that name none. */
  readonly clusters?: string | undefined;
}

/** `flotilla test [DIR]`: runs the PlacementTests of a working tree by the rules that stand beside them, without a hub. */
export async function testFolder(
  folder: string,
  options: TestOptions,
  { signal, terminal }: Pick<CommandDeps, 'signal' | 'terminal'>,
): Promise<ExitCode> {
  await using repository = await openLocal(folder, signal);
  const clusters = options.clusters === undefined ? undefined : await readClusters(options.clusters);
  const state = await readState(repository, await repository.workingTree(signal), signal);
  const { errors, spec } = validateState(state, clusters);
  // Where a file cannot be read, tests would fail for what may stand in it.
  const tests = errors.length > 0 ? [] : runTests(spec, state, clusters);
  // An empty run would look as good as one in which everything holds.
  if (tests.length === 0 && errors.length === 0)
    throw usageError(`there is no PlacementTest in ${folder}`, {
      cause: 'a test is a document of kind PlacementTest',
      next: `flotilla validate ${folder}`,
    });
  const { output } = options;
  if (output === 'json' || output === 'yaml')
    await writeDocument({ apiVersion, kind: 'TestRun', errors, tests }, output, terminal);
  else {
    const { results, summary } = testLines(tests, errors, terminal.paint);
    for (const line of results) terminal.print(line);
    terminal.say(summary);
  }
  if (errors.length > 0 || tests.some(({ result }) => result === 'failed')) return exitCodes.difference;
  return tests.some(({ result }) => result === 'skipped') ? exitCodes.partial : exitCodes.ok;
}
