import { apiVersion } from '@flotilla/shared/model';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type OutputFormat, writeDocument } from '../output/index.ts';
import { commandText } from '../terminal.ts';

/** `flotilla epoch confirm`: of the epoch that is in force now. */
export async function confirmEpoch(
  options: { readonly output: OutputFormat; readonly reason?: string | undefined },
  { terminal, signal, openClient }: CommandDeps,
): Promise<ExitCode> {
  const client = await openClient();
  const { hub } = (await client.status(signal)).status;
  const body = { epoch: hub.epoch, reason: options.reason ?? '' };
  const confirmed = await client.confirmEpoch(body, signal);
  if (options.output === 'json' || options.output === 'yaml') {
    await writeDocument({ apiVersion, kind: 'EpochConfirmed', ...confirmed }, options.output, terminal);
    return exitCodes.ok;
  }
  terminal.print(`epoch ${confirmed.epoch} confirmed`);
  terminal.say('rollouts start again where Git asks for something else than clusters run');
  terminal.say(`next: ${commandText(terminal.programName, 'flotilla get rollouts -w')}`);
  return exitCodes.ok;
}
