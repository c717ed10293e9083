import type { Command } from 'commander';
import type { CommandDeps } from './command-deps.ts';
import { commands } from './commands/index.ts';
import type { ExitCode } from './exit-code.ts';
import { addOutput } from './flags.ts';
import type { HubFlags } from './hub/index.ts';
import type { OutputFormat } from './output/index.ts';

interface CommonFlags extends HubFlags {
  readonly output: OutputFormat;
}

interface ProgramOptions {
  readonly depsFor: (flags: HubFlags) => CommandDeps;
}

type End = (code: ExitCode) => void;

/** `source accept`: what a person decides about repositories. */
export function addSource(program: Command, options: ProgramOptions, end: End): void {
  const source = program.command('source').description('decide about repositories').helpCommand(false);
  const accept = source
    .command('accept')
    .description('accept a commit that waits: rewritten history, an emptied repository, a large withdrawal')
    .argument('<name>', 'control, or the name of a Source')
    .argument('<commit>', 'its id, or at least the first 7 characters')
    .option('--reason <text>', 'why, for the audit');
  addOutput(accept, ['table', 'json', 'yaml']);
  accept.action(async (name: string, commit: string) => {
    const flags = accept.opts<CommonFlags & { readonly reason?: string }>();
    const { acceptSource } = await commands.acceptSource();
    end(await acceptSource(name, commit, flags, options.depsFor(flags)));
  });
}

/** `epoch confirm`: what a person decides about a log that lost decisions. */
export function addEpoch(program: Command, options: ProgramOptions, end: End): void {
  const epoch = program
    .command('epoch')
    .description('decide about a log that lost decisions')
    .helpCommand(false);
  const confirm = epoch
    .command('confirm')
    .description('let rollouts start again after the log lost decisions')
    .option('--reason <text>', 'why, for the audit');
  addOutput(confirm, ['table', 'json', 'yaml']);
  confirm.action(async () => {
    const flags = confirm.opts<CommonFlags & { readonly reason?: string }>();
    const { confirmEpoch } = await commands.confirmEpoch();
    end(await confirmEpoch(flags, options.depsFor(flags)));
  });
}
