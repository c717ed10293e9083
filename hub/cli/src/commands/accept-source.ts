import { shortId } from '@flotilla/shared/base';
import { apiVersion } from '@flotilla/shared/model';
import { usageError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type OutputFormat, writeDocument } from '../output/index.ts';
import { commandText } from '../terminal.ts';

/** `flotilla source accept NAME COMMIT`. */
export async function acceptSource(
  name: string,
  commit: string,
  options: { readonly output: OutputFormat; readonly reason?: string | undefined },
  { terminal, signal, openClient }: CommandDeps,
): Promise<ExitCode> {
  if (!/^[0-9a-f]{7,64}$/.test(commit)) {
    throw usageError(`${JSON.stringify(commit)} is not a commit`, {
      cause:
        'a commit is named by its id or at least its first 7 characters; branches and tags move, so they cannot be accepted',
      next: 'flotilla status',
    });
  }
  const client = await openClient();
  const accepted = await client.acceptSource(name, { commit, reason: options.reason ?? '' }, signal);
  if (options.output === 'json' || options.output === 'yaml') {
    await writeDocument({ apiVersion, kind: 'SourceAccepted', ...accepted }, options.output, terminal);
    return exitCodes.ok;
  }
  const ref = accepted.ref === '' ? '' : ` (${accepted.ref})`;
  terminal.print(`source/${accepted.source} accepted at ${shortId(accepted.commit)}${ref}`);
  terminal.say(
    'it comes into force at the next look at the repository, and moves by rollouts like any other commit',
  );
  terminal.say(`next: ${commandText(terminal.programName, 'flotilla get rollouts -w')}`);
  return exitCodes.ok;
}
