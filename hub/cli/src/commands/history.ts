import { apiVersion } from '@flotilla/shared/model';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { checkName } from '../kinds.ts';
import { historyLines, type OutputFormat, writeDocument } from '../output/index.ts';
import { commandText } from '../terminal.ts';

/** `flotilla history PLACEMENT`: rollouts that have ended, newest first. */
export async function showHistory(
  name: string,
  { output }: { readonly output: OutputFormat },
  { openClient, signal, terminal }: CommandDeps,
): Promise<ExitCode> {
  checkName('placements', name);
  const client = await openClient();
  const { value, asOfMs } = await client.describe('placements', name, signal);
  const ended = value.rollouts.filter(({ status }) => status.endedAtMs !== undefined);
  if (output === 'json' || output === 'yaml') {
    await writeDocument({ apiVersion, kind: 'List', items: ended }, output, terminal);
    return exitCodes.ok;
  }
  for (const line of historyLines(ended, terminal, asOfMs)) terminal.print(line);
  if (ended.length > 0) return exitCodes.ok;
  const next = commandText(terminal.programName, `flotilla describe placement ${name}`);
  terminal.say(`no rollout of ${name} has ended yet; next: ${next}`);
  return exitCodes.ok;
}
