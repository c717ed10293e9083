/** The commands that say what files would do before they are in force, with their words, flags and help. */
import { type Command, Option } from 'commander';
import type { CommandDeps } from './command-deps.ts';
import { commands } from './commands/index.ts';
import type { PlanOptions } from './commands/plan.ts';
import type { TestOptions } from './commands/test.ts';
import type { ValidateOptions } from './commands/validate.ts';
import type { ExitCode } from './exit-code.ts';
import { addOutput } from './flags.ts';
import type { HubFlags } from './hub/index.ts';

interface PreviewProgram {
  readonly depsFor: (flags: HubFlags) => CommandDeps;
}

type End = (code: ExitCode) => void;

const clustersHelp = 'clusters, as printed by: flotilla get clusters -o json';

/** `validate`, `test` and `plan`. */
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

  const plan = program
    .command('plan')
    .description('what a branch, a commit or a working tree would do before it is in force')
    .option('--dir <path>', 'root of a control repository on this machine; default: this folder')
    .option('--ref <ref>', 'a branch or tag of the control repository, which the hub looks at')
    .option('--commit <id>', 'a commit of it')
    .option('--clusters <path>', `with a working tree: ${clustersHelp}; no hub is asked`)
    .option(
      '--against <revision>',
      'with a working tree: compare with this; default: what is in force, or HEAD',
    )
    .option('--diff', 'with a working tree: also what the files differ in')
    .option('--exit-code', 'end with 1 when anything would happen')
    .option('--expect <plan>', 'end with 1 when the plan does not have this id');
  addOutput(plan, ['table', 'json', 'yaml']);
  plan.action(async () => {
    const flags = plan.opts<PlanOptions & HubFlags>();
    const { showPlan } = await commands.plan();
    end(await showPlan(flags, depsFor(flags)));
  });
}

function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print')
    .choices(['table', 'json', 'yaml'])
    .default('table');
}
