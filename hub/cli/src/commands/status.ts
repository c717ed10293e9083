import type { FleetStatus, ShownState } from '@flotilla/shared/model';
import { usageError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type OutputFormat, statusLines, writeDocument } from '../output/index.ts';

/** `flotilla status`. */
export async function showStatus(
  options: { readonly output: OutputFormat; readonly exitCode?: boolean | undefined },
  deps: CommandDeps,
): Promise<ExitCode> {
  const { output } = options;
  if (output === 'name' || output === 'wide') {
    throw usageError(`status has no -o ${output}`, { cause: 'it prints text, json or yaml' });
  }
  const client = await deps.openClient();
  const fleet = await client.status(deps.signal);
  if (output === 'table') for (const line of statusLines(fleet, deps.terminal)) deps.terminal.print(line);
  else await writeDocument(fleet, output, deps.terminal);
  return options.exitCode === true ? exitCodeOf(fleet) : exitCodes.ok;
}

/** What a script asks: is all well? The worse answer wins; what nobody knows is not well. */
function exitCodeOf({ status }: FleetStatus): ExitCode {
  if (status.hub.notReady.length > 0) return exitCodes.hubUnreachable;
  const bad: readonly ShownState[] = ['Degraded', 'Stalled'];
  const has = (states: readonly ShownState[]): boolean =>
    [status.clusters, status.placements].some((counted) => states.some((state) => counted.states[state] > 0));
  if (has(bad) || status.rollouts.halted > 0) return exitCodes.failed;
  if (status.control.held.length > 0) return exitCodes.waiting;
  return has(['Unknown']) || !status.bus.isConnected ? exitCodes.partial : exitCodes.ok;
}
