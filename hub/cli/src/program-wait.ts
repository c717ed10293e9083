/** `wait` with its words, flags and help. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandDeps } from './command-deps.ts';
import { commands } from './commands/index.ts';
import type { WaitOptions } from './commands/wait-target.ts';
import type { ExitCode } from './exit-code.ts';
import { addOutput, readDuration } from './flags.ts';
import type { HubFlags } from './hub/index.ts';

interface WaitProgram {
  readonly depsFor: (flags: HubFlags) => CommandDeps;
}

const graceMs = 300_000;

/** `wait`. */
export function addWait(program: Command, { depsFor }: WaitProgram, end: (code: ExitCode) => void): void {
  const wait = program
    .command('wait')
    .description(
      'wait until something is so; ends with 0, 3 failed, 4 too late, 5 a person or a window, 6 no hub, 8 unknown',
    )
    .argument(
      '<name>',
      'a placement or rollout, or cluster/NAME, placement/NAME, rollout/NAME, assignment/CLUSTER/PLACEMENT',
    )
    .addOption(
      new Option('--for <condition>', 'default: succeeded for rollouts, else ready').choices([
        'succeeded',
        'ready',
        'connected',
      ]),
    )
    .option('--commit <id>', 'of a placement that is to be ready: at this commit', readCommit)
    .option('--timeout <duration>', 'give up after so long; default: never', readDuration)
    .addOption(
      new Option(
        '--grace <duration>',
        'how long something may be Degraded or Stalled before it counts as failed',
      )
        .argParser(readDuration)
        .default(graceMs, '5m'),
    );
  addOutput(wait, ['table', 'json', 'yaml']);
  wait.action(async (name: string) => {
    const flags = wait.opts<WaitOptions & HubFlags>();
    const { waitFor } = await commands.wait();
    end(await waitFor(name, flags, depsFor(flags)));
  });
}

function readCommit(text: string): string {
  if (/^[0-9a-f]{7,64}$/.test(text)) return text;
  throw new InvalidArgumentError('It is not a commit id, or the first 7 or more characters of one.');
}
