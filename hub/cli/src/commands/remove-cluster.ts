import { apiVersion, problemCodes } from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { checkName } from '../kinds.ts';
import { type OutputFormat, plural, writeDocument } from '../output/index.ts';
import { commandText } from '../terminal.ts';

/** Flags of `cluster remove`. */
export interface RemoveOptions {
  readonly output: OutputFormat;
  readonly yes?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** `flotilla cluster remove NAME`: says what it will do, asks, and does it. */
export async function removeCluster(
  name: string,
  options: RemoveOptions,
  deps: CommandDeps,
): Promise<ExitCode> {
  const { terminal, signal } = deps;
  checkName('clusters', name);
  const client = await deps.openClient();
  const { value: cluster } = await client.item('clusters', name, signal);
  if (options.yes !== true) {
    const { assignments, state } = cluster.status;
    terminal.say(
      `cluster ${name} is ${state} and has ${plural(assignments, 'assignment')}. Its agent will be refused from now on; ` +
        'all objects stay on the cluster, and nobody keeps them right any more.',
    );
    if (!terminal.canAsk) throw confirmationNeeded(name);
    if (!(await terminal.isYes('remove it?', signal))) {
      terminal.say('nothing was changed');
      return exitCodes.interrupted;
    }
  }
  const removed = await client.removeCluster(name, options.reason ?? '', signal);
  if (options.output === 'json' || options.output === 'yaml') {
    await writeDocument({ apiVersion, kind: 'ClusterRemoved', ...removed }, options.output, terminal);
    return exitCodes.ok;
  }
  terminal.print(`cluster/${removed.name} removed`);
  const { placements } = removed;
  if (placements.length > 0) {
    const named = placements.slice(0, 10).join(', ') + (placements.length > 10 ? ' …' : '');
    terminal.say(`what ${plural(placements.length, 'placement')} applied stays on it: ${named}`);
  }
  terminal.say(`next: ${commandText(terminal.programName, 'flotilla get clusters')}`);
  return exitCodes.ok;
}

function confirmationNeeded(name: string): CliError {
  return new CliError(
    {
      code: problemCodes.confirmationNeeded,
      text: `removing cluster ${name} needs a yes`,
      cause: 'there is no terminal to ask on',
      stillTrue: 'nothing was changed',
      next: `flotilla cluster remove ${name} --yes`,
    },
    exitCodes.usage,
  );
}
