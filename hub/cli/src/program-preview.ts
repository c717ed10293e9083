/** The commands that say what files would do before they are in force, with their words, flags and help. */
import { type Command, Option } from 'commander';
import type { CommandDeps } from './command-deps.ts';
import { commands } from './commands/index.ts';
import type { TestOptions } from './commands/test.ts';
import type { ValidateOptions } from './commands/validate.ts';
import type { ExitCode } from './exit-code.ts';
import type { HubFlags } from './hub/index.ts';

interface PreviewProgram {
  readonly depsFor: (flags: HubFlags) => CommandDeps;
}

type End = (code: ExitCode) => void;

const clustersHelp = 'clusters, as printed by: flotilla get clusters -o json';

/** `validate` and `test`. */
export function addPreview(program: Command, { depsFor }: PreviewProgram, end: End): void {
  const validate = program
    .command('validate')
    .description(
      'all mistakes of a control repository on this machine at once, without a hub; ends with 0 or 1',
    )
    .argument('[dir]', 'its root', '.')
    .addOption(outputOption())
    .option('--clusters <path>', clustersHelp)
    .option('--strict', 'count warnings as mistakes');
  validate.action(async (folder: string) => {
    const { validateFolder } = await commands.validate();
    end(await validateFolder(folder, validate.opts<ValidateOptions>(), depsFor({})));
  });

  const test = program
    .command('test')
    .description('run the PlacementTests of a control repository on this machine, without a hub')
    .argument('[dir]', 'its root', '.')
    .addOption(outputOption())
    .option('--clusters <path>', clustersHelp);
  test.action(async (folder: string) => {
    const { testFolder } = await commands.test();
    end(await testFolder(folder, test.opts<TestOptions>(), depsFor({})));
  });
}

function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print')
    .choices(['table', 'json', 'yaml'])
    .default('table');
}
