import { programVersion } from '@flotilla/shared/kit/program-version';
import { apiVersion } from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { errorLines, type OutputFormat, writeDocument } from '../output/index.ts';

/** `flotilla version`: this program, and the hub when one answers. A hub that does not is told, and is no failure. */
export async function showVersion(
  options: { readonly output: OutputFormat; readonly client?: boolean | undefined },
  deps: CommandDeps,
): Promise<ExitCode> {
  const { terminal } = deps;
  const hub = options.client === true ? undefined : await hubVersion(deps);
  if (options.output === 'json' || options.output === 'yaml') {
    await writeDocument(
      { apiVersion, kind: 'Version', client: programVersion, hub },
      options.output,
      terminal,
    );
    return exitCodes.ok;
  }
  terminal.print(`flotilla  ${programVersion}`);
  if (hub !== undefined) terminal.print(`hub       ${hub}`);
  return exitCodes.ok;
}

async function hubVersion({ terminal, openClient, signal }: CommandDeps): Promise<string | undefined> {
  try {
    const client = await openClient();
    return await client.version(signal);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    for (const line of errorLines(error.problem, terminal.programName, terminal.paintSaid))
      terminal.say(line);
    return undefined;
  }
}
