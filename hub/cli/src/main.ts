import { basename } from 'node:path';
import { isAbort } from '@flotilla/shared/base';
import { problemCodes } from '@flotilla/shared/model';
import { CliError } from './cli-error.ts';
import type { CommandDeps } from './command-deps.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { ApiClient, findHub, type HubFlags } from './hub/index.ts';
import { writeFailure } from './output/index.ts';
import { runProgram } from './program.ts';
import { processTerminal } from './terminal.ts';

/** `kubectl flotilla` runs a program of the name kubectl-flotilla. */
const isPlugin = basename(process.argv[1] ?? '').startsWith('kubectl-flotilla');
const terminal = processTerminal(isPlugin ? 'kubectl flotilla' : 'flotilla');
const interrupted = new AbortController();

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : exitCodes.failed),
);
process.once('SIGINT', () => {
  interrupted.abort(new DOMException('interrupted', 'AbortError'));
  // A second Ctrl-C ends at once.
  process.once('SIGINT', () => process.exit(exitCodes.interrupted));
});

function depsFor(flags: HubFlags): CommandDeps {
  return {
    terminal,
    signal: interrupted.signal,
    openClient: async () => new ApiClient(await findHub(flags, process.env)),
  };
}

async function main(words: readonly string[]): Promise<ExitCode> {
  try {
    const { programName, print, say } = terminal;
    return await runProgram(words, { programName, depsFor, print, say });
  } catch (error) {
    if (interrupted.signal.aborted && (isAbort(error) || error instanceof CliError))
      return exitCodes.interrupted;
    const failure = error instanceof CliError ? error : defect(error);
    await writeFailure(failure, words, terminal);
    return failure.exitCode;
  }
}

function defect(error: unknown): CliError {
  const problem = {
    code: problemCodes.cliDefect,
    text: 'this program failed by a defect of its own',
    cause: error instanceof Error ? (error.stack ?? error.message) : String(error),
    next: 'flotilla version',
  };
  return new CliError(problem, exitCodes.failed, error);
}

process.exitCode = await main(process.argv.slice(2));
